/**
 * `deno task cast`: runs `pxrun demo` in a terminal, and writes what it shows, at its own pace but
 * for long waits, as an animated picture to docs/demo.svg.
 */
import { join } from "node:path";
import { aloneEnv } from "../../tests/support/alone.ts";
import { framesOf } from "./frames.ts";
import { type Chunk, record } from "./record.ts";
import { svgOf } from "./svg.ts";

const root = join(import.meta.dirname ?? ".", "../..");
const size = { columns: 100, rows: 30 };
const limits = { longestWait: 1500, shortestFrame: 80 };
/** Time for which the end is shown, in milliseconds. */
const pause = 6000;
const command = "pxrun demo";

/** The command itself, as someone types it. */
function typed(text: string): Chunk[] {
  const bytes = (part: string): Uint8Array => new TextEncoder().encode(part);
  return [
    { after: 0, bytes: bytes("\x1b[1m$\x1b[0m ") },
    ...[...text].map((key) => ({ after: 90, bytes: bytes(key) })),
    { after: 400, bytes: bytes("\r\n") },
  ];
}

const program = `'${Deno.execPath()}' run -A --quiet '${join(root, "main.ts")}'`;
const chunks = await record(command.replace("pxrun", program), size, aloneEnv());
const frames = await framesOf([...typed(command), ...chunks], size, limits);
const file = join(root, "docs/demo.svg");
await Deno.writeTextFile(file, svgOf(frames, size, { title: command, pause }));
const { size: bytes } = await Deno.stat(file);
console.log(`${file}: ${frames.length} frames, ${Math.ceil(bytes / 1024)} KiB`);
