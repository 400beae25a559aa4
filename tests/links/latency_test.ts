import assert from "node:assert/strict";
import { badLink } from "../support/bad_link.ts";
import { startLab } from "../support/simulator.ts";

const recipe = `container: { hostname: a, template: debian-13 }
provisioning: { packages: [curl, git, vim] }
`;

/** The two that wait for the end of a task, which are the tasks' own time. */
const WAITS = 2;

/** How many round trips of 200 ms follow upon each other in a create, besides {@linkcode WAITS}. */
async function rounds(limit: number, ...flags: string[]): Promise<number> {
  let least = Infinity;
  // On a busy machine what is sent side by side may be further apart than a round trip.
  for (let tries = 0; tries < 5 && least > limit; tries++) {
    await using lab = await startLab();
    await using link = await badLink(lab.simulator, { rtt: 200 });
    const { status, stderr } = await lab.run(["create", "-", ...flags], {
      stdin: recipe,
      env: link.env,
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), ["100 a"]);
    least = Math.min(least, link.rounds() - WAITS);
  }
  return least;
}

Deno.test("create with three packages takes at most 20 round trips in a row: 4 s at 200 ms", async () => {
  const least = await rounds(20);
  assert.ok(least <= 20, `${least} round trips`);
});

Deno.test("create takes at most 12 round trips in a row", async () => {
  const least = await rounds(12, "--no-provision");
  assert.ok(least <= 12, `${least} round trips`);
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
