/** Runs a command line and says on standard error how much memory the process had at most. */
import { runCli } from "../../lib/cli/app/run.ts";
import { denoPlatform } from "../../lib/host/mod.ts";

const status = await runCli(Deno.args, denoPlatform());
const kept = Deno.build.os === "linux" ? await Deno.readTextFile("/proc/self/status") : "";
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(kept)?.[1];
console.error(`peak: ${peak ? Number(peak) * 1024 : Deno.memoryUsage().rss}`);
Deno.exit(status);
