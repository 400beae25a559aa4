/**
 * `deno task compile`: one standalone binary for this machine, in dist/, made of the bundle. Deno
 * fetches the runtime that it puts in front of the program; where that is out
 * of reach, this says so and fails.
 */
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { LAUNCHER_FLAGS } from "./launcher.ts";

const [main = "", ...others] = await bundle(join(import.meta.dirname ?? ".", "../dist"));
const target = `dist/pxrun${Deno.build.os === "windows" ? ".exe" : ""}`;
const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: [
    // It cannot be known beforehand which command the simulator is to start.
    ...["compile", ...LAUNCHER_FLAGS, "--allow-run", "--no-config", "--output", target],
    ...others.flatMap((file) => ["--include", file]),
    main,
  ],
  cwd: new URL("..", import.meta.url),
  stdin: "null",
  stdout: "inherit",
  stderr: "piped",
}).output();
const text = new TextDecoder().decode(stderr);
if (success) {
  const { size } = await Deno.stat(new URL(`../${target}`, import.meta.url));
  console.log(`${target}: ${(size / 2 ** 20).toFixed(1)} MiB`);
} else {
  const address = /https:\/\/\S+/.exec(text)?.[0]?.replace(/[)'".,]+$/, "");
  console.error(text.trim());
  console.error(
    address === undefined
      ? `could not compile ${target}`
      : `could not compile ${target}: deno compile could not fetch its base binary from ${address}; ` +
        "run this where that address is reachable",
  );
  Deno.exitCode = 1;
}
