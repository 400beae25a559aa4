import assert from "node:assert/strict";
import { join } from "node:path";
import { type Lab, startLab } from "../support/simulator.ts";

const json = ["--format", "json"];

/** Runs a create whose recipe protects the container and has what root sets before the start. */
async function creating(
  lab: Lab,
  { rest = "", args = [] }: { readonly rest?: string; readonly args?: readonly string[] } = {},
) {
  const directory = await Deno.makeTempDir();
  const file = join(directory, "web.yaml");
  try {
    await Deno.writeTextFile(
      file,
      `container:
  { hostname: web-1, template: debian-13, protection: true,
    mount_points: [{ host: /srv, container: /srv }],
    features: { keyctl: true } }
${rest}`,
    );
    const node = lab.simulator.cluster.nodes.get("pve01");
    assert.ok(node);
    node.pathExists = () => true;
    const ran = await lab.run(["create", file, "--node", "pve01", ...args, ...json]);
    return { ...ran, data: JSON.parse(ran.stdout) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const protectionOf = ({ simulator }: Lab): string | undefined =>
  simulator.cluster.cts.get(100)?.config["protection"];

for (const args of [[], ["--no-start"]]) {
  Deno.test(`create ${args.join(" ")} protects a container after what protection keeps out`, async () => {
    await using lab = await startLab();
    const { status, stderr } = await creating(lab, { args });
    assert.equal(status, 0, stderr);
    const { config } = lab.simulator.cluster.cts.get(100) ?? {};
    assert.deepEqual([config?.["protection"], config?.["mp0"]], ["1", "/srv,mp=/srv"]);
    assert.doesNotMatch(config?.["tags"] ?? "", /pxrun/);
  });
}

Deno.test("create --dry-run shows that a container is protected last", async () => {
  await using lab = await startLab();
  const { data } = await creating(lab, { args: ["--dry-run"] });
  assert.equal(data.parameters.protection, undefined);
  const { id, parameters } = data.actions.at(-1);
  assert.deepEqual([id, parameters], ["protection", ["protection=1"]]);
});

Deno.test("create that fails leaves nothing of a container that was to be protected", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "task-failure", type: "vzstart" });
  assert.equal((await creating(lab)).status, 1);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create whose container cannot be protected does not succeed", async () => {
  await using lab = await startLab();
  const refuses = { name: "status", method: "PUT", path: "/config", times: 1 } as const;
  lab.simulator.inject({ ...refuses, status: 500, message: "cannot write" });
  const { status, data } = await creating(lab);
  assert.equal(status, 1);
  assert.equal(data.kept.vmid, 100);
});

Deno.test("provision protects a container that was kept, once it has succeeded", async () => {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir();
  const script = (content: string): string =>
    `provisioning: { scripts: [{ name: a, content: "${content}" }] }\n`;
  const { status } = await creating(lab, { rest: script("exit 7") });
  assert.equal(status, 1);
  assert.equal(protectionOf(lab), undefined, "it can be removed");
  const file = join(directory, "web.yaml");
  const container = "container: { hostname: web-1, template: debian-13, protection: true }\n";
  await Deno.writeTextFile(file, container + script("exit 0"));
  const again = await lab.run(["provision", "100", file]);
  await Deno.remove(directory, { recursive: true });
  assert.equal(again.status, 0, again.stderr);
  assert.equal(protectionOf(lab), "1");
});
