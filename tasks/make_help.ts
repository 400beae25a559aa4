import { runCli } from "../lib/cli/run.ts";
import { denoWorld } from "../lib/host/mod.ts";

/** The text of `lib/cli/root_help.ts`: what the command tree says to `--help`. */
export async function helpText(): Promise<string> {
  const world = denoWorld();
  let help = "";
  const out = (text: string): void => void (help += text);
  await runCli(["--help"], { ...world, terminal: { ...world.terminal, out } });
  const escaped = help.replaceAll(/[\\`]|\$\{/g, "\\$&");
  return `/** What \`pxrun --help\` prints. Made by \`deno run -A tasks/make_help.ts\`. */\n` +
    `export const ROOT_HELP = \`${escaped}\`;\n`;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("../lib/cli/root_help.ts", import.meta.url), await helpText());
}
