import assert from "node:assert/strict";
import { node, recipe, snapshot } from "../../tests/support/facts.ts";
import type { CreateContainer } from "../actions/create_container.ts";
import type { SetRootOptions } from "../actions/set_root_options.ts";
import { type Action, describe } from "../actions/table.ts";
import type { CreatePlan } from "./create_plan.ts";
import { planCreate } from "./plan.ts";
import { PlanRejected } from "./problem.ts";

const all = { start: true, provision: true };
function only<Kind extends Action["kind"]>(
  { actions }: CreatePlan,
  kind: Kind,
): Extract<Action, { kind: Kind }> {
  const found = actions.filter((action) => action.kind === kind);
  assert.equal(found.length, 1);
  return found[0] as Extract<Action, { kind: Kind }>;
}

const creating = (plan: CreatePlan): CreateContainer => only(plan, "create-container");
const options = (plan: CreatePlan): SetRootOptions["options"] =>
  only(plan, "set-root-options").options;
const script = "{ scripts: [{ name: hello, content: echo hello }] }";

Deno.test("planCreate() lists each step with its call, and why it goes over SSH", async () => {
  const plan = await planCreate(recipe("", script), snapshot(), all);
  const shown = plan.actions.map((action) => ({ id: action.id, ...describe(action) }));
  assert.deepEqual(shown.map(({ id, by, call }) => `${id} ${by} ${call}`), [
    "create API POST /nodes/pve01/lxc",
    "start API POST /nodes/pve01/lxc/100/status/start",
    "address API GET /nodes/pve01/lxc/100/interfaces",
    "network SSH lxc-attach -n 100 --clear-env -- sh -s",
    "scripts[0] SSH lxc-attach -n 100 --clear-env -- sh -s",
  ]);
  assert.match(shown.at(-1)?.why ?? "", /API cannot run commands inside/);
});

Deno.test("planCreate() downloads first what is not there", async () => {
  const facts = snapshot({ nodes: [node("pve01", { templates: [] })] });
  const [first] = (await planCreate(recipe(""), facts, all)).actions;
  assert.ok(first);
  assert.deepEqual([first.id, describe(first).call], ["download", "POST /nodes/pve01/aplinfo"]);
});

Deno.test("planCreate() does not wait for an address that nobody gives", async () => {
  const { actions } = await planCreate(recipe("network: { ip: manual }"), snapshot(), all);
  assert.deepEqual(actions.map(({ id }) => id), ["create", "start"]);
});

Deno.test("planCreate() leaves out what happens inside a container that is not started", async () => {
  const plan = await planCreate(recipe("", script), snapshot(), { start: false, provision: true });
  assert.deepEqual(plan.actions.map(({ id }) => id), ["create"]);
  assert.match(plan.warnings.join(), /not started cannot be provisioned/);
});

Deno.test("planCreate() refuses the name of another container, unless duplicates are allowed", async () => {
  const containers = [{ vmid: 77, node: "pve02", name: "WEB-1" }];
  const facts = snapshot({ names: { containers, unread: [], nodes: ["pve02"] } });
  await assert.rejects(planCreate(recipe(""), facts, all), {
    code: "ALREADY_EXISTS",
    message: /web\.yaml:2:\d+: container web-1 already exists: 77 on pve02/,
  });
  const { warnings, names } = await planCreate(recipe(""), facts, {
    ...all,
    allowDuplicate: true,
  });
  assert.equal(names, undefined);
  assert.deepEqual(warnings, [
    "web-1 is the name of container 77 on pve02 already: call them by their vmids",
  ]);
});

Deno.test("planCreate() takes the recipe's vmid or none", async () => {
  const fixed = await planCreate(recipe("vmid: 123"), snapshot(), all);
  assert.deepEqual([fixed.vmid, creating(fixed).vmidIsFixed], [123, true]);
  const guests = [{ vmid: 123, type: "qemu", node: "pve02", name: "win" }];
  await assert.rejects(planCreate(recipe("vmid: 123"), snapshot({ guests }), all), {
    code: "ALREADY_EXISTS",
    message: /web\.yaml:\d+:\d+: vmid 123 is taken by win on pve02/,
  });
});

Deno.test("planCreate() refuses for every reason at once, each with its place", async () => {
  const wish = recipe("pool: nosuch, network: { bridge: vmbr9 }", "{ tailscale: true }");
  const problem = { code: "UNREACHABLE", message: "no SSH to pve01: nobody there" } as const;
  const facts = snapshot({ tailnet: { key: undefined, names: [] } });
  await assert.rejects(planCreate(wish, facts, all, { problem }), (error: unknown) => {
    assert.ok(error instanceof PlanRejected);
    assert.deepEqual(error.problems.map(({ code }) => code), [
      "NOT_FOUND",
      "USAGE",
      "NOT_FOUND",
      "UNREACHABLE",
    ]);
    assert.match(
      error.message,
      /^cannot create web-1 \(web\.yaml\):\n {2}web\.yaml:2:\d+: pool nosuch not found/,
    );
    return true;
  });
});

Deno.test("planCreate() gives docker the nesting that it needs, and says so", async () => {
  const wish = recipe("features: { nesting: false }", "{ docker: true }");
  const plan = await planCreate(wish, snapshot(), all);
  assert.equal(creating(plan).parameters.features, "nesting=1");
  assert.ok(plan.warnings.includes("docker needs the feature nesting: it is switched on"));
  assert.equal(plan.actions.at(-1)?.id, "docker");
  const plain = await planCreate(recipe("features: { nesting: false }", "{}"), snapshot(), all);
  assert.equal(creating(plain).parameters.features, undefined);
});

Deno.test("planCreate() gives tailscale its device once, and a key that is made first", async () => {
  const facts = snapshot({ tailnet: { key: "made", names: [] } });
  const plan = await planCreate(recipe("", "{ tailscale: true }"), facts, all);
  assert.deepEqual(options(plan).map(({ name, value }) => `${name} ${value}`), [
    "dev0 /dev/net/tun",
  ]);
  assert.deepEqual([plan.actions[0]?.id, plan.actions.at(-1)?.id], ["tailscale-key", "tailscale"]);
  const own = "devices: [{ path: /dev/fuse }, { path: /dev/net/tun, mode: '0666' }]";
  const mine = await planCreate(recipe(own, "{ tailscale: true }"), facts, all);
  assert.deepEqual(options(mine).map(({ value }) => value), [
    "/dev/fuse",
    "/dev/net/tun,mode=0666",
  ]);
  const stopped = { start: false, provision: true };
  const later = await planCreate(recipe("", "{ tailscale: true }"), facts, stopped);
  assert.deepEqual(later.actions.map(({ id }) => id), ["create", "options"]);
});

Deno.test("planCreate() leaves the node's time zone to Proxmox", async () => {
  const plan = await planCreate(
    recipe("unprivileged: true", "{ timezone: host }"),
    snapshot(),
    all,
  );
  assert.equal(creating(plan).parameters.timezone, "host");
  assert.ok(!plan.actions.some((action) => describe(action).by === "SSH"));
});
