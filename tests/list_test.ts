import assert from "node:assert/strict";
import { runCli } from "../lib/cli/run.ts";
import { startLab } from "./support/simulator.ts";
import { until } from "./support/until.ts";

Deno.test("list shows containers as a table, as JSON and as YAML", async () => {
  await using lab = await startLab();
  const flags = ["--template", "debian-13", "--tag", "dev"];
  await lab.run(["create", "--hostname", "web-1", ...flags]);
  await lab.run(["create", "--hostname", "db-1", "--no-start", ...flags]);
  const table = await lab.run(["list", "--ips"]);
  assert.match(table.stdout, /^VMID +NAME +NODE +STATUS .* ADDRESSES\n/);
  assert.match(table.stdout, / 100 +web-1 +pve0\d +running .* dev +10\.77\.0\.1\d\d\n/);
  const json = JSON.parse((await lab.run(["list", "--format", "json"])).stdout);
  assert.deepEqual(json.map((row: { vmid: number }) => row.vmid), [100, 101]);
  assert.deepEqual(json[1].tags, ["dev"]);
  assert.match(
    (await lab.run(["list", "--format", "yaml"])).stdout,
    /- vmid: 100\n {2}hostname: web-1/,
  );
});

Deno.test("list --status, --tag and --node narrow the list", async () => {
  await using lab = await startLab();
  const create = ["create", "--template", "debian-13", "--hostname"];
  await lab.run([...create, "a", "--node", "pve01", "--tag", "dev", "--tag", "web"]);
  await lab.run([...create, "b", "--node", "pve02", "--tag", "dev", "--no-start"]);
  const names = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await lab.run(["list", "--format", "json", ...args]);
    return JSON.parse(stdout).map((row: { hostname: string }) => row.hostname);
  };
  assert.deepEqual(await names("--status", "stopped"), ["b"]);
  assert.deepEqual(await names("--tag", "dev"), ["a", "b"]);
  assert.deepEqual(await names("--tag", "dev", "--tag", "web"), ["a"]);
  assert.deepEqual(await names("--node", "pve02"), ["b"]);
});

Deno.test("list of many containers is one API call", async () => {
  await using lab = await startLab({ login: "token", timings: { resourcesLagMs: 0 } });
  const create = ["create", "--no-start", "--template", "debian-13", "--hostname"];
  await lab.run([...create, "a"]);
  await lab.run([...create, "b"]);
  const before = lab.simulator.requests.length;
  await lab.run(["list"]);
  assert.equal(lab.simulator.requests.length - before, 1);
});

Deno.test("list refuses a state or a node that there is none of", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["list", "--status", "bogus"])).status, 2);
  const { status, stderr } = await lab.run(["list", "--node", "pve09"]);
  assert.equal(status, 3);
  assert.match(stderr, /there is no node pve09\nhint: the cluster has pve01, pve02/);
  assert.equal((await lab.run(["list", "--node", "pve01"])).status, 0);
});

Deno.test("list --watch shows the list again until Ctrl-C", async () => {
  await using lab = await startLab();
  const world = lab.world();
  const running = runCli(["list", "--watch"], {
    ...world,
    // Only the pause between two lists is short: a timeout of the login is a sleep, too.
    clock: {
      ...world.clock,
      sleep: (ms, signal) => world.clock.sleep(ms === 2_000 ? 5 : ms, signal),
    },
  });
  await until("the third list", () => world.stdout().split("VMID").length > 3);
  world.interrupt();
  assert.equal(await running, 130);
  assert.doesNotMatch(world.stderr(), /error/, "it is how a watch ends");
  assert.equal((await lab.run(["list", "--watch", "--format", "json"])).status, 2);
});
