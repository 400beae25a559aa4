import { fileURLToPath } from "node:url";
import { type HelpSection, ROOT_END } from "../lib/cli/app/help/help.ts";
import { helpSections } from "../lib/cli/app/help/help_page.ts";
import { createProgram } from "../lib/cli/app/program.ts";
import { runCli } from "../lib/cli/app/run.ts";
import { denoPlatform } from "../lib/host/mod.ts";

/** The parts of `pxrun --help` before its end, as the command tree has them. */
export function rootHelp(): HelpSection[] {
  return helpSections(createProgram(denoPlatform(), [], runCli)).slice(0, -ROOT_END.length);
}

if (import.meta.main) {
  const file = new URL("../lib/cli/app/help/root_help.ts", import.meta.url);
  // A line for each entry, as the formatter leaves it.
  const sections = rootHelp().map((section) =>
    "text" in section
      ? `{\n text: ${JSON.stringify(section.text)} }`
      : `{\n heading: ${JSON.stringify(section.heading)},\n items: [\n${
        section.items.map((item) => JSON.stringify(item)).join(",\n")
      }\n] }`
  );
  await Deno.writeTextFile(
    file,
    `import type { HelpSection } from "./help.ts";\n\n` +
      "/** The parts of `pxrun --help` before its end. Made by `deno run -A tasks/make_help.ts`. */\n" +
      `export const ROOT_HELP: readonly HelpSection[] = [\n${sections.join(",\n")}\n];\n`,
  );
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(file)] })
    .output();
}
