import { knownAnswer } from "./lib/cli/app/help/known_answer.ts";
import { startFailure } from "./lib/cli/app/permission.ts";
import { denoTerminal } from "./lib/host/terminal.ts";

const terminal = denoTerminal();
const answer = knownAnswer(Deno.args, terminal);
if (answer === undefined) {
  try {
    const { runCli } = await import("./lib/cli/app/run.ts");
    const { denoPlatform } = await import("./lib/host/mod.ts");
    Deno.exit(await runCli(Deno.args, denoPlatform()));
  } catch (error) {
    const failure = startFailure(error);
    if (failure === undefined) throw error;
    terminal.err(failure.text);
    Deno.exit(failure.status);
  }
} else {
  terminal.out(answer);
  const lost = terminal.failure?.();
  if (lost !== undefined) {
    terminal.err(`error: ${lost.message}\n`);
    Deno.exit(1);
  }
}
