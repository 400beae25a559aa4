import assert from "node:assert/strict";
import {
  type Action,
  connect,
  create,
  describe,
  destroy,
  type Event,
  list,
  parseRecipe,
  plan,
  planDestroy,
  planHash,
} from "../../mod.ts";
import { startLab } from "../support/simulator.ts";

const TEXT = `
container:
  hostname: web-1
  template: debian-13
  protection: true
  devices: [{ path: /dev/fuse, group: nosuch }]
  mount_points: [{ host: /srv/new, container: /data }]
provisioning:
  files: [{ path: /etc/app.conf, content: "\${TOKEN}" }]
  scripts: [{ content: 'test "$A" = hunter2-secret', environment: { A: "\${TOKEN}" } }]
`;

function sample() {
  return parseRecipe(TEXT, { file: "web.yaml", env: { TOKEN: "hunter2-secret" } });
}

/** The same plan, as it is after it was stored and read again. */
function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

async function idsOf(events: AsyncIterable<Event>): Promise<string[]> {
  const ids: string[] = [];
  for await (const event of events) if (event.type === "step-started") ids.push(event.step);
  return ids;
}

Deno.test("a plan that was stored is carried out like the one it was stored from", async () => {
  await using lab = await startLab();
  await using cluster = await connect(lab.platform());
  const recipe = sample();
  const planned = await plan(cluster, recipe, { makeDirectories: true });
  const text = JSON.stringify(planned);
  assert.doesNotMatch(text, /hunter2/);
  const again = JSON.parse(text);
  assert.deepEqual(again, planned);
  const shown = again.actions.map((action: Action) => action.id);
  assert.deepEqual(await idsOf(create(cluster, again, { recipe })), shown);
  const [row] = await list(cluster);
  assert.equal(row?.status, "running");
  const end = await planDestroy(cluster, "web-1", { force: true });
  assert.deepEqual(stored(end), end);
  const ids = end.actions.map(({ id }) => id);
  assert.deepEqual(ids, ["unprotect", "destroy"]);
  assert.deepEqual(await idsOf(destroy(cluster, stored(end))), ids);
  assert.deepEqual(await list(cluster), []);
});

Deno.test("create() of a plan that provisions refuses to begin without its recipe", async () => {
  await using lab = await startLab();
  await using cluster = await connect(lab.platform());
  const recipe = sample();
  const planned = await plan(cluster, recipe, { makeDirectories: true });
  await assert.rejects(async () => await create(cluster, stored(planned)), { code: "USAGE" });
  const other = parseRecipe("container: { hostname: web-1, template: debian-13 }", {
    file: "other.yaml",
    env: {},
  });
  await assert.rejects(async () => await create(cluster, planned, { recipe: other }), {
    code: "USAGE",
  });
  assert.deepEqual(lab.containers(), []);
});

Deno.test("describe() gives each action of a plan its title, and SSH its reason", async () => {
  await using lab = await startLab();
  await using cluster = await connect(lab.platform());
  const { actions } = await plan(cluster, sample(), { makeDirectories: true });
  for (const action of actions) {
    const { title, by, call, why } = describe(action);
    assert.ok(title !== "" && call !== "", action.id);
    assert.equal(why !== undefined, by === "SSH", action.id);
  }
  assert.equal(new Set(actions.map(({ id }) => id)).size, actions.length);
});

Deno.test("planHash() is that of the actions, whatever the order of keys and the time", async () => {
  await using lab = await startLab();
  await using cluster = await connect(lab.platform());
  const first = await plan(cluster, sample(), { makeDirectories: true });
  cluster.offered.clear();
  const second = await plan(cluster, sample(), { makeDirectories: true });
  assert.equal(await planHash(first), await planHash(second));
  const turned = Object.fromEntries(Object.entries(first.actions[0] ?? {}).reverse());
  const same = { actions: [turned, ...first.actions.slice(1)] };
  assert.equal(await planHash(same), await planHash(first));
  assert.match(await planHash(first), /^[0-9a-f]{64}$/);
  const less = { actions: first.actions.slice(1) };
  assert.notEqual(await planHash(less), await planHash(first));
});
