import assert from "node:assert/strict";
import { badLink } from "../support/bad_link.ts";
import { startLab } from "../support/simulator.ts";

const recipe = `container: { hostname: a, template: debian-13 }
provisioning: { packages: [curl, git, vim] }
`;

/** How long a whole create takes over a line, in milliseconds. */
async function create(rtt: number, ...flags: string[]): Promise<number> {
  await using lab = await startLab();
  await using link = await badLink(lab.simulator, { rtt });
  const begun = performance.now();
  const { status, stderr } = await lab.run(["create", "-", ...flags], {
    stdin: recipe,
    env: link.env,
  });
  const ms = performance.now() - begun;
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers(), ["100 a"]);
  return ms;
}

/** How much longer a create takes at 200 ms to the node and back than next to it. */
async function difference(limit: number, ...flags: string[]): Promise<number> {
  // The first run loads all modules.
  await create(0, ...flags);
  let least = Infinity;
  // A machine that is busy with something else may spoil many of them.
  for (let tries = 0; tries < 10 && least > limit; tries++) {
    const near = await create(0, ...flags);
    least = Math.min(least, await create(200, ...flags) - near);
  }
  return least;
}

Deno.test("create with three packages takes at most 4 s longer at 200 ms than at 0 ms", async () => {
  const least = await difference(4_000);
  assert.ok(least <= 4_000, `${least} ms longer`);
});

Deno.test("create asks the API at most 12 times in a row", async () => {
  const least = await difference(12 * 200, "--no-provision");
  assert.ok(least <= 12 * 200, `${least / 200} round trips`);
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
