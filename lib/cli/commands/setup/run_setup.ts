import { commandLine } from "../../../core/argv.ts";
import { administratorScript, tokenId } from "../../../setup/steps.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { tokenName } from "./draft.ts";
import { overSsh } from "./over_ssh.ts";
import { readScope } from "./questions.ts";
import type { SetupOptions } from "./session.ts";
import { withToken } from "./with_token.ts";

/** Sets a cluster up in the way that is asked for. */
export async function runSetup(options: SetupOptions, context: Context): Promise<void> {
  if (options.print) return printScript(options, context);
  const set = options.ssh ? overSsh : withToken;
  await interruptible(context.platform, "the setup", (signal) => set({ options, context, signal }));
}

/** Prints what an administrator is to run, and what comes after that. */
function printScript(options: SetupOptions, { platform }: Context): void {
  const access = {
    scope: readScope(options.scope ?? "/"),
    tokenName: tokenName(options.tokenName, undefined, platform.self.host),
  };
  const host = options.host ?? "HOST";
  const next = ["pxrun", "setup", "--no-ssh", "--host", host, "--token-id", tokenId(access)];
  platform.terminal.out(administratorScript(access));
  platform.terminal.err(`then, on this machine: ${commandLine(next)}\n`);
}
