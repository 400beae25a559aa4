import assert from "node:assert/strict";
import { join } from "node:path";
import { startLab } from "./support/simulator.ts";
import { until } from "./support/until.ts";

const main = join(import.meta.dirname ?? ".", "..", "main.ts");

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`create leaves nothing on ${signal}, also when nobody reads what it writes any more`, async () => {
    await using lab = await startLab({ timings: { startMs: 20_000 } });
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--cached-only", main, "create"],
        ...["--hostname", "a", "--template", "debian-13"],
      ],
      env: lab.simulator.env(),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const starting = (): boolean =>
      lab.simulator.requests.some(({ path }) => path.endsWith("/status/start"));
    await until("the start", starting);
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    child.kill(signal);
    assert.equal((await child.status).code, 130);
    assert.deepEqual(lab.containers(), []);
  });
}
