import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

/** How much faster than the machine's the client's time is. */
const FACTOR = 20;
/** How long the API is away, in milliseconds of the client's time. */
const AWAY = 3_000;

/** A wait during which the API is restarted. */
interface Scene {
  /** What is waited for. */
  readonly wait: string;
  readonly args: readonly string[];
  /** The request with which the API ends. */
  readonly at: RegExp;
  readonly status?: number;
  readonly prepare?: (lab: Lab) => void;
  /** What there is in the end. */
  readonly left: readonly string[];
}

const create = ["create", "--hostname", "web-1", "--template", "debian-13"];
const failingStart = ({ simulator }: Lab): void =>
  void simulator.inject({ name: "task-failure", type: "vzstart", message: "no" });
const existing = ({ simulator }: Lab): void =>
  void placeCt(simulator.cluster, { vmid: 100, node: "pve01", config: { hostname: "web-1" } });

const scenes: readonly Scene[] = [
  { wait: "the create task", args: create, at: /^GET .*vzcreate.*\/status$/, left: ["100 web-1"] },
  { wait: "the start task", args: create, at: /^GET .*vzstart.*\/status$/, left: ["100 web-1"] },
  { wait: "an address", args: create, at: /^GET .*\/interfaces$/, left: ["100 web-1"] },
  { wait: "the reply to a create", args: create, at: /^POST .*\/lxc$/, left: ["100 web-1"] },
  { wait: "the reply to a start", args: create, at: /^POST .*\/start$/, left: ["100 web-1"] },
  { wait: "the last change", args: create, at: /^PUT .*\/config$/, left: ["100 web-1"] },
  {
    wait: "a download",
    args: ["create", "--hostname", "web-1", "--template", "alpine-3.21"],
    at: /^GET .*download.*\/status$/,
    left: ["100 web-1"],
  },
  {
    wait: "the look at what is to be undone",
    args: create,
    prepare: failingStart,
    at: /^GET .*\/lxc\/100\/config$/,
    status: 1,
    left: [],
  },
  {
    wait: "the reply to an undo",
    args: create,
    prepare: failingStart,
    at: /^DELETE .*\/lxc\/100$/,
    status: 1,
    left: [],
  },
  {
    wait: "the undo's task",
    args: create,
    prepare: failingStart,
    at: /^GET .*vzdestroy.*\/status$/,
    status: 1,
    left: [],
  },
  {
    wait: "a destroy",
    args: ["destroy", "100", "--yes"],
    prepare: existing,
    at: /^GET .*vzdestroy.*\/status$/,
    left: [],
  },
];

for (const { wait, args, at, status = 0, prepare, left } of scenes) {
  Deno.test(`${args[0]} outlasts a restart of the API while it waits for ${wait}`, async () => {
    let api: (() => Promise<void>) | undefined;
    await using lab = await startLab({
      onArrival: (arrival) => {
        if (arrival.by !== "REST" || !at.test(`${arrival.method} ${arrival.path}`)) return;
        api ??= lab.simulator.stopApi();
      },
    });
    prepare?.(lab);
    const platform = lab.platform();
    const clock = fastClock(FACTOR);
    const running = runCli(args, { ...platform, clock });
    await until("the API to be ended", () => api !== undefined);
    await clock.sleep(AWAY);
    await api?.();
    assert.equal(await running, status, platform.stderr());
    assert.deepEqual(lab.containers(), left, platform.stderr());
  });
}

Deno.test("wait outlasts a restart of the API while it waits for the end of a task", async () => {
  let api: (() => Promise<void>) | undefined;
  await using lab = await startLab({
    onArrival: (arrival) => {
      const asks = arrival.by === "REST" && /vzcreate.*\/log$/.test(arrival.path);
      if (asks) api ??= lab.simulator.stopApi();
    },
  });
  assert.equal((await lab.run([...create, "--no-start"])).status, 0);
  const [upid = ""] = lab.simulator.cluster.tasks.keys();
  const platform = lab.platform();
  const clock = fastClock(FACTOR);
  const running = runCli(["wait", upid], { ...platform, clock });
  await until("the API to be ended", () => api !== undefined);
  await clock.sleep(AWAY);
  await api?.();
  assert.equal(await running, 0, platform.stderr());
});

Deno.test("list --watch outlasts a restart of the API", async () => {
  let api: (() => Promise<void>) | undefined;
  await using lab = await startLab({
    onArrival: () => {
      if (shown() > 0) api ??= lab.simulator.stopApi();
    },
  });
  existing(lab);
  const platform = lab.platform();
  const shown = (): number => platform.stdout().split("web-1").length - 1;
  const clock = fastClock(FACTOR);
  const running = runCli(["list", "--watch"], { ...platform, clock });
  await until("the API to be ended", () => api !== undefined);
  const before = shown();
  await clock.sleep(AWAY);
  await api?.();
  await until("the list again", () => shown() > before);
  platform.interrupt();
  await running;
  assert.doesNotMatch(platform.stderr(), /error/);
});

Deno.test("create gives up on an API that does not come back, and does not wait for each call", async () => {
  let api: (() => Promise<void>) | undefined;
  let since = 0;
  const clock = fastClock(200);
  await using lab = await startLab({
    onArrival: (arrival) => {
      const asks = arrival.by === "REST" && arrival.path.endsWith("/interfaces");
      if (!asks || api !== undefined) return;
      api = lab.simulator.stopApi();
      since = clock.now();
    },
  });
  const platform = lab.platform();
  assert.equal(await runCli(create, { ...platform, clock }), 5, platform.stderr());
  const waited = clock.now() - since;
  assert.ok(waited > 55_000 && waited < 110_000, `${waited} ms`);
  await api?.();
});
