import assert from "node:assert/strict";
import { startLab } from "../support/simulator.ts";

const recipe =
  "container: { hostname: web-1, template: debian-13 }\nprovisioning: { docker: true }\n";

Deno.test("create with docker shows its version and storage driver, also as data", async () => {
  await using lab = await startLab();
  const { status, stdout, stderr } = await lab.run(["create", "-", "--format", "json"], {
    stdin: recipe,
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^! docker: .* the distribution's is taken instead$/m);
  assert.match(stderr, /✓ docker version 1\.2\.3, storage driver overlay2/);
  const { notes } = JSON.parse(stdout);
  assert.ok(notes.docker.includes("version 1.2.3, storage driver overlay2"));
  assert.match(notes.docker[0], /the distribution's is taken instead/);
  const again = await lab.run(["create", "-", "--events", "--hostname", "web-2"], {
    stdin: recipe,
  });
  const events = again.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const done = events.find(({ type, step }) => type === "step-done" && step === "docker");
  assert.deepEqual(done.notes, notes.docker);
});
