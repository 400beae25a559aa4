import { commandLine } from "../../../core/argv.ts";
import { administratorScript, tokenId } from "../../../setup/steps.ts";
import type { Context } from "../../app/context.ts";
import { tokenName } from "./draft.ts";
import type { SetupOptions } from "./options.ts";
import { readScope } from "./questions.ts";

/** Prints what an administrator is to run, and what comes after that. */
export function printScript(options: SetupOptions, { world }: Context): void {
  const wish = {
    scope: readScope(options.scope ?? "/"),
    tokenName: tokenName(options.tokenName, undefined, world.self.host),
  };
  const host = options.host ?? "HOST";
  const next = ["pxrun", "setup", "--no-ssh", "--host", host, "--token-id", tokenId(wish)];
  world.terminal.out(administratorScript(wish));
  world.terminal.err(`then, on this machine: ${commandLine(next)}\n`);
}
