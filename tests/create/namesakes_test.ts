import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--no-start"];
const json = ["--format", "json"];

/** What the error says to programs. */
function errorOf(stdout: string): { code: string; message: string; hint: string } {
  const { error } = JSON.parse(stdout);
  const [problem = error] = error.problems ?? [];
  return problem;
}

/** The requests that make a container. */
function made(lab: Lab): string[] {
  return lab.changes().filter((line) => /^POST .*\/lxc$/.test(line));
}

Deno.test("create refuses a hostname that a container has already, and says what to type", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(create)).status, 0);
  for (const more of [[], ["--dry-run"], ["--yes"], ["--vmid", "150"], ["--node", "pve02"]]) {
    const { status, stdout, stderr } = await lab.run([...create, ...more, ...json]);
    assert.equal(status, 1, more.join(" "));
    const { code, message, hint } = errorOf(stdout);
    assert.equal(code, "ALREADY_EXISTS");
    assert.match(message, /web-1 already exists: 100 on pve0\d/);
    assert.match(hint, /: pxrun provision web-1 RECIPE\n.*--hostname NAME\n.*--allow-duplicate$/);
    assert.match(stderr, /--hostname: container web-1 already exists/);
  }
  assert.equal(made(lab).length, 1);
});

Deno.test("create compares hostnames as DNS does", async () => {
  await using lab = await startLab();
  placeCt(lab.simulator.cluster, { vmid: 105, node: "pve02", config: { hostname: "Web-1" } });
  const { status, stdout } = await lab.run([...create, ...json]);
  assert.deepEqual([status, errorOf(stdout).code], [1, "ALREADY_EXISTS"]);
  // Commands take a name as it is written.
  assert.match(errorOf(stdout).hint, /: pxrun provision Web-1 RECIPE\n/);
  const other = create.with(2, "web-10");
  assert.equal((await lab.run(other)).status, 0);
});

Deno.test("create names the recipe's path as typed, and the vmid where the name is not enough", async () => {
  await using lab = await startLab();
  const config = { hostname: "web-1" };
  placeCt(lab.simulator.cluster, { vmid: 105, node: "pve01", config });
  placeCt(lab.simulator.cluster, { vmid: 106, node: "pve02", config });
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, "container: { hostname: web-1, template: debian-13 }\n");
    const { stdout } = await lab.run(["create", file, ...json]);
    const { message, hint } = errorOf(stdout);
    assert.match(message, /105 on pve01, 106 on pve02/);
    assert.ok(hint.includes(`: pxrun provision 105 ${file}\n`), hint);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("create --allow-duplicate makes a second one, and warns", async () => {
  await using lab = await startLab();
  await lab.run(create);
  const { status, stderr } = await lab.run([...create, "--allow-duplicate"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /! web-1 is the name of container 100 on pve0\d already/);
  assert.deepEqual(lab.containers(), ["100 web-1", "101 web-1"]);
});

Deno.test("create takes a virtual machine's name, and warns", async () => {
  await using lab = await startLab();
  lab.simulator.cluster.vms.set(200, {
    vmid: 200,
    node: "pve01",
    name: "web-1",
    status: "running",
  });
  const { status, stderr } = await lab.run(create);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /! web-1 is the name of virtual machine 200 on pve01 already/);
});

Deno.test("create refuses one hostname for two of a batch, also in --dry-run", async () => {
  await using lab = await startLab();
  const kind = "container: { hostname: web, template: debian-13 }\n";
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, kind);
    for (const more of [[], ["--dry-run"]]) {
      const { status, stdout } = await lab.run(["create", file, file, ...more, ...json]);
      assert.deepEqual([status, errorOf(stdout).code], [1, "ALREADY_EXISTS"]);
    }
    assert.deepEqual(lab.changes(), []);
    const both = await lab.run(["create", file, file, "--no-start", "--allow-duplicate"]);
    assert.equal(both.status, 0, both.stderr);
    assert.deepEqual(lab.containers().toSorted(), ["100 web", "101 web"]);
    const counted = ["create", file, "--count", "2", "--no-start"];
    assert.equal((await lab.run(counted)).status, 0);
    const again = await lab.run([...counted, ...json]);
    assert.deepEqual([again.status, errorOf(again.stdout).code], [1, "ALREADY_EXISTS"]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("create looks for the hostname again just before it makes the container", async () => {
  let looks = 0;
  await using lab: Lab = await startLab({
    onRequest: ({ method, path }) => {
      // After the look of the plan, and before the last one.
      if (method !== "GET" || path !== "/nodes/pve02/lxc" || ++looks !== 1) return;
      placeCt(lab.simulator.cluster, { vmid: 150, node: "pve02", config: { hostname: "WEB-1" } });
    },
  });
  const platform = lab.platform();
  assert.equal(await runCli([...create, ...json], platform), 1, platform.stderr());
  assert.equal(errorOf(platform.stdout()).code, "ALREADY_EXISTS");
  assert.deepEqual(lab.containers(), ["150 WEB-1"]);
});

Deno.test("create by hostname refuses while a node is offline or cannot be read", async () => {
  await using lab = await startLab();
  const away = { name: "node-down", node: "pve02" } as const;
  const restore = lab.simulator.inject(away);
  for (const more of [[], ["--dry-run"], ["--node", "pve01"]]) {
    const { status, stdout } = await lab.run([...create, ...more, ...json]);
    const { code, message, hint } = errorOf(stdout);
    assert.deepEqual([status, code], [5, "UNREACHABLE"]);
    assert.match(message, /web-1.*pve02 is offline/);
    assert.match(hint, /: pxrun provision web-1 RECIPE\n.*--hostname NAME\n.*--allow-duplicate$/);
  }
  assert.deepEqual(lab.changes(), []);
  const anyway = await lab.run([...create, "--allow-duplicate"]);
  assert.equal(anyway.status, 0, anyway.stderr);
  restore();
  const broken = { name: "status", path: "/nodes/pve02/lxc", status: 500 } as const;
  lab.simulator.inject(broken);
  const other = await lab.run([...create.with(2, "web-2"), ...json]);
  assert.deepEqual([other.status, errorOf(other.stdout).code], [5, "UNREACHABLE"]);
});

Deno.test("create by a fixed vmid needs to see no more than its namesakes", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "node-down", node: "pve02" });
  const { status, stderr } = await lab.run([...create, "--vmid", "150"]);
  assert.equal(status, 0, stderr);
});
