import assert from "node:assert/strict";
import { DOTS, Secret } from "../../core/secret.ts";
import { lineReader } from "../output.ts";
import data from "./spellings.json" with { type: "json" };

/** What a program prints beside the secret, and what of it may remain: quotes, padding, an offset. */
const BESIDE = 18;
const secrets: Readonly<Record<string, string>> = data.secrets;

function shown(secret: string, output: string, size: number): string {
  const bytes = new TextEncoder().encode(output);
  const lines: string[] = [];
  const reader = lineReader([new Secret(secret)], (line) => lines.push(line));
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return lines.join("\n");
}

function assertHidden(secret: string, output: string, frame: number, what: string): void {
  for (const size of [output.length * 4, 37]) {
    const text = shown(secret, output, size);
    assert.ok(text.includes(DOTS), `${what}: ${text}`);
    const rest = text.replaceAll(DOTS, "").replace(/\s/g, "");
    assert.ok(rest.length <= frame + BESIDE, `${what}, in chunks of ${size}: ${text}`);
  }
}

async function isThere(program: string): Promise<boolean> {
  const args = ["-c", 'command -v "$1"', "sh", program];
  return (await new Deno.Command("sh", { args, stdout: "null" }).output()).success;
}

for (const { name, command, frame, needs, outputs } of data.spellings) {
  Deno.test(`lineReader() hides what ${name} makes of a secret`, async () => {
    for (const [kind, output] of Object.entries(outputs)) {
      assertHidden(secrets[kind] ?? "", output, frame, `${name} of ${kind}`);
    }
    const present = await Promise.all(needs.map(isThere));
    if (present.includes(false)) return;
    for (const kind of Object.keys(outputs).slice(0, 1)) {
      const { success, stdout } = await new Deno.Command("sh", {
        args: ["-c", command],
        clearEnv: true,
        env: { PATH: Deno.env.get("PATH") ?? "", LANG: "C.UTF-8", S: secrets[kind] ?? "" },
      }).output();
      // Another version may lack what this one is asked for.
      if (!success || stdout.length === 0) continue;
      const output = new TextDecoder().decode(stdout);
      assertHidden(secrets[kind] ?? "", output, frame, `${name} of ${kind}, as it is here`);
    }
  });
}
