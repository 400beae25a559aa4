import { knownAnswer } from "./lib/cli/known_answer.ts";
import { denoTerminal } from "./lib/host/terminal.ts";

const terminal = denoTerminal();
const answer = knownAnswer(Deno.args, terminal);
if (answer === undefined) {
  const { runCli } = await import("./lib/cli/run.ts");
  const { denoWorld } = await import("./lib/host/mod.ts");
  Deno.exit(await runCli(Deno.args, denoWorld()));
} else {
  terminal.out(answer);
}
