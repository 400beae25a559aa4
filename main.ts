import { runCli } from "./lib/cli/run.ts";
import { denoWorld } from "./lib/host/mod.ts";

Deno.exit(await runCli(Deno.args, denoWorld()));
