import assert from "node:assert/strict";
import {
  BatchFailed,
  connect,
  create,
  createAll,
  destroy,
  execText,
  list,
  parseRecipe,
  plan,
  planAll,
  planDestroy,
  planProvision,
  provision,
  PxrunError,
} from "../../mod.ts";
import { startSimulator } from "../../sim/mod.ts";
import { denoPlatform } from "../../lib/host/mod.ts";

const recipe = parseRecipe({ container: { hostname: "web-1", template: "debian-13" } });

async function open() {
  const simulator = await startSimulator();
  const cluster = await connect({ ...denoPlatform(), env: simulator.env() });
  return {
    simulator,
    cluster,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

Deno.test("create() that is only awaited gives the container", async () => {
  await using lab = await open();
  const { vmid, status } = await create(lab.cluster, await plan(lab.cluster, recipe));
  assert.equal(status, "running");
  assert.equal(await execText(lab.cluster, vmid, ["hostname"]), "web-1\n");
  const destroyed = await destroy(lab.cluster, await planDestroy(lab.cluster, vmid));
  assert.deepEqual([destroyed.vmid, destroyed.hostname], [vmid, "web-1"]);
  assert.deepEqual(await list(lab.cluster), []);
});

Deno.test("provision() that is only awaited gives what it changed", async () => {
  await using lab = await open();
  const { vmid } = await create(lab.cluster, await plan(lab.cluster, recipe));
  const wish = parseRecipe({
    container: { hostname: "web-1", template: "debian-13" },
    provisioning: { files: [{ path: "/a", content: "b" }] },
  });
  const first = await provision(lab.cluster, await planProvision(lab.cluster, vmid, wish));
  assert.deepEqual([first.vmid, first.hostname, first.failed], [vmid, "web-1", []]);
  assert.equal(first.changed.length, 1);
  const second = await provision(lab.cluster, await planProvision(lab.cluster, vmid, wish));
  assert.deepEqual([second.changed, second.unchanged], [[], first.changed]);
});

Deno.test("create() undoes what it made when its loop is left or it is disposed of", async () => {
  await using lab = await open();
  const { cluster } = lab;
  for await (const event of create(cluster, await plan(cluster, recipe))) {
    if (event.type === "step-started" && event.step === "start") break;
  }
  assert.deepEqual(await list(cluster), []);
  {
    await using creating = create(cluster, await plan(cluster, recipe));
    const [first] = await Array.fromAsync(takeOne(creating));
    assert.equal(first?.type, "step-started");
  }
  assert.deepEqual(await list(cluster), []);
});

async function* takeOne<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    return;
  }
}

Deno.test("create() throws the same error to an await and to a loop", async () => {
  await using lab = await open();
  const { cluster, simulator } = lab;
  const planned = await plan(cluster, recipe);
  simulator.inject({ name: "task-failure", type: "vzstart" });
  const creating = create(cluster, planned);
  const thrown = await Array.fromAsync(creating).then(() => undefined, (error) => error);
  assert.ok(thrown instanceof PxrunError);
  assert.equal(thrown.code, "TASK_FAILED");
  await assert.rejects(Promise.resolve(creating), thrown);
});

Deno.test("createAll() rejects with the outcome of each when one fails", async () => {
  await using lab = await open();
  const { cluster } = lab;
  const recipes = ["true", "exit 7"].map((content, index) =>
    parseRecipe({
      container: { hostname: `web-${index}`, template: "debian-13" },
      provisioning: { scripts: [{ content }] },
    })
  );
  const plans = await planAll(cluster, recipes);
  const error = await Promise.resolve(createAll(cluster, plans, { recipes })).catch((error) =>
    error
  );
  assert.ok(error instanceof BatchFailed);
  assert.equal(error.code, "STEP_FAILED");
  assert.deepEqual(
    error.outcomes.map((outcome) => [outcome.container, "result" in outcome]),
    [["web-0", true], ["web-1", false]],
  );
});

Deno.test("execText() throws FAILED for another exit status than 0, with its last lines", async () => {
  await using lab = await open();
  const { vmid } = await create(lab.cluster, await plan(lab.cluster, recipe));
  const failing = execText(lab.cluster, vmid, ["sh", "-c", "echo first; echo last >&2; exit 3"]);
  await assert.rejects(failing, (error: PxrunError) => {
    assert.equal(error.code, "FAILED");
    assert.match(error.message, /exited with 3[^]*last$/);
    return true;
  });
});
