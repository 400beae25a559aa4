import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Run } from "../../lib/cluster/guests/marker.ts";
import { startTask } from "../../sim/cluster/state/tasks.ts";
import { HOUR, leave } from "../support/leave.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

/** Marks that came back with a backup, or stayed, and what shows that the container is in use. */
const IN_USE: readonly {
  readonly shows: RegExp;
  readonly run?: Partial<Run>;
  readonly config?: Record<string, string>;
  readonly then?: (lab: Lab) => void;
}[] = [
  { shows: /it is protected, which that run did not do$/, config: { protection: "1" } },
  { shows: /it runs, and may be in use$/, config: { status: "running" }, run: { since: ago(2) } },
  {
    shows: /it runs, and may be in use$/,
    config: { status: "running", protection: "1" },
    run: { since: ago(24 * 200), protects: true },
  },
  { shows: /it is a template by now$/, config: { template: "1" } },
  { shows: /it has snapshots$/, config: { parent: "before" } },
  {
    shows: /high availability manages it$/,
    then: ({ simulator }) => simulator.cluster.managed.add(100),
  },
  {
    shows: /it is replicated to another node$/,
    then: ({ simulator }) => simulator.cluster.replicated.set(100, "pve02"),
  },
  { shows: /the task vzrestore has worked on it, at /, then: (lab) => ranTask(lab, "vzrestore") },
  { shows: /the task vzrollback has worked on it, at /, then: (lab) => ranTask(lab, "vzrollback") },
  {
    shows: /the task vzstart has worked on it, at /,
    run: { since: ago(3) },
    then: (lab) => ranTask(lab, "vzstart"),
  },
  {
    shows: /its root disk is of /,
    run: { since: ago(24 * 200) },
    config: { rootfs: "local-lvm:vm-100-disk-0,size=4G" },
    then: ({ simulator: { cluster: { volumes } } }) => {
      const [one] = volumes;
      assert.ok(one);
      const volid = "local-lvm:vm-100-disk-0";
      const ctime = Date.now() / 1000;
      volumes.push({ ...one, volid, storage: "local-lvm", content: "rootdir", vmid: 100, ctime });
    },
  },
  { shows: /nothing shows that it was not restored/, run: { since: ago(24 * 200) } },
];

function ago(hours: number): number {
  return Date.now() - hours * HOUR - 60_000;
}

function ranTask(lab: Lab, type: string): void {
  const spec = { node: "pve01", type, id: "100", who: { user: "root@pam" } };
  startTask(lab.simulator.cluster, spec, () => Promise.resolve());
}

Deno.test("cleanup leaves a container alone that was used, restored or protected since its mark was set", async () => {
  for (const { shows, run = {}, config, then } of IN_USE) {
    await using lab = await startLab();
    leave(lab, 100, run, config);
    then?.(lab);
    const dry = await lab.run(["cleanup", "--dry-run"]);
    assert.match(dry.stdout.trimEnd(), shows);
    const { status, stderr } = await lab.run(["cleanup", "--yes", "--all"]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), ["100 c100"], `${shows}`);
    assert.deepEqual(lab.changes(), [], `${shows}`);
  }
});

Deno.test("cleanup does not remove a container that was started after it asked", async () => {
  await using lab = await startLab();
  leave(lab, 100, { since: ago(2) });
  const asked = Promise.withResolvers<string | undefined>();
  const platform = lab.platform({ answers: [] });
  const running = runCli(["cleanup"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  Object.assign(ct, { status: "running", startedAt: Date.now() });
  asked.resolve("y");
  assert.equal(await running, 1, platform.stderr());
  assert.deepEqual(lab.containers(), ["100 c100"]);
  assert.deepEqual(lab.changes(), []);
});
