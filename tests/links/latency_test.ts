import assert from "node:assert/strict";
import { badLink } from "../support/bad_link.ts";
import { startLab } from "../support/simulator.ts";

const recipe = `container: { hostname: a, template: debian-13 }
provisioning: { packages: [curl, git, vim] }
`;

/** How long a whole create takes over a line, in milliseconds. */
async function create(rtt: number): Promise<number> {
  await using lab = await startLab();
  await using link = await badLink(lab.simulator, { rtt });
  const begun = performance.now();
  const { status, stderr } = await lab.run(["create", "-"], { stdin: recipe, env: link.env });
  const ms = performance.now() - begun;
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers(), ["100 a"]);
  return ms;
}

Deno.test("create with three packages takes at most 4 s longer at 200 ms than at 0 ms", async () => {
  // The first run loads all modules.
  await create(0);
  const differences: number[] = [];
  // A machine that is busy with something else may spoil one of them.
  while (differences.length < 3 && Math.min(...differences) > 4_000) {
    const near = await create(0);
    differences.push(await create(200) - near);
  }
  assert.ok(Math.min(...differences) <= 4_000, `${differences.map(Math.round)} ms longer`);
});

Deno.test("create and destroy work at 1 s to the node and back, and where every 100th packet is lost", async () => {
  const far = { rtt: 1_000, args: ["create", "--no-provision", "-"] };
  const lossy = { rtt: 20, loseEvery: 100, args: ["create", "-"] };
  await Promise.all([far, lossy].map(async ({ args, ...options }) => {
    await using lab = await startLab();
    await using link = await badLink(lab.simulator, options);
    const created = await lab.run(args, { stdin: recipe, env: link.env });
    assert.equal(created.status, 0, created.stderr);
    assert.deepEqual(lab.containers(), ["100 a"]);
    const destroyed = await lab.run(["destroy", "a", "--yes"], { env: link.env });
    assert.equal(destroyed.status, 0, destroyed.stderr);
    assert.deepEqual(lab.containers(), []);
  }));
});
