import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Env } from "../../lib/core/platform.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const flags = ["--hostname", "web-1", "--template", "debian-13"];
const noted = `container:
  hostname: web-1
  template: debian-13
  tags: [dev, web]
  description: |
    ours

    do not touch
`;
const before = { tags: "dev;web", description: "ours\n\ndo not touch\n" };

/** Tags and description, as the state itself has them; a description with the line end of replies. */
function notes(lab: Lab, vmid = 100): { tags: string; description: string } {
  const { tags = "", description = "" } = lab.simulator.cluster.cts.get(vmid)?.config ?? {};
  return { tags, description: description === "" ? "" : `${description.replace(/\n$/, "")}\n` };
}

/** The requests to the configuration that change it. */
function puts(lab: Lab): string[] {
  return lab.changes().filter((line) => line.startsWith("PUT "));
}

/** Runs a create, and looks at the container while it waits for its address. */
async function create(
  lab: Lab,
  args: readonly string[],
  options: { stdin?: string; env?: Env } = {},
  meanwhile: () => void = () => {},
): Promise<{ during: ReturnType<typeof notes>; status: number; stderr: string }> {
  const platform = lab.platform(options);
  const running = runCli(["create", ...args], platform);
  const waits = (): boolean => lab.simulator.requests.some((r) => r.path.endsWith("/interfaces"));
  await Promise.race([running, until("the wait for the address", waits)]);
  const during = notes(lab);
  meanwhile();
  return { during, status: await running, stderr: platform.stderr() };
}

const RUN = /^pxrun-run: \w{8} of 100 on .+ pid \d+ since 20\S+Z( \(\S+\))?$/m;

Deno.test("create marks its container from the first call on, and takes the mark away with one at the end", async () => {
  await using lab = await startLab();
  const { during, status, stderr } = await create(lab, ["-"], { stdin: noted });
  assert.equal(status, 0, stderr);
  assert.equal(during.tags, "dev;pxrun-creating;web");
  assert.match(during.description, RUN);
  assert.deepEqual(notes(lab), before);
  assert.deepEqual(puts(lab).length, 1);
  assert.doesNotMatch(stderr, /pxrun-creating|pxrun-run|!/);
});

Deno.test("create --no-start takes its mark away too, and the plan does not speak of it", async () => {
  await using lab = await startLab();
  const dry = await lab.run(["create", ...flags, "--dry-run", "--format", "json"]);
  assert.doesNotMatch(dry.stdout, /pxrun-creating|pxrun-run/);
  const { status, stderr } = await lab.run(["create", ...flags, "--no-start"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(notes(lab), { tags: "", description: "" });
  assert.deepEqual(puts(lab).length, 1);
});

Deno.test("create marks by the description alone where the tag policy refuses the tag", async () => {
  await using lab = await startLab();
  const { cluster, tokens } = lab.simulator;
  cluster.options = { ...cluster.options, userAllowTags: "list", userAllowList: ["dev", "web"] };
  const token = tokens["pxrun@pve!laptop"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const { during, status, stderr } = await create(lab, ["-"], { stdin: noted, env });
  assert.equal(status, 0, stderr);
  assert.equal(during.tags, "dev;web");
  assert.match(during.description, RUN);
  assert.deepEqual(notes(lab), before);
});

Deno.test("create with a token of a pool, which may set no tags, marks by the description at once", async () => {
  await using lab = await startLab();
  const token = lab.simulator.tokens["pool@pve!ci"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const { during, status, stderr } = await create(lab, [
    ...flags,
    "--pool",
    "dev",
    "--allow-duplicate",
  ], { env });
  assert.equal(status, 0, stderr);
  assert.equal(during.tags, "");
  assert.match(during.description, RUN);
  assert.deepEqual(notes(lab), { tags: "", description: "" });
  const posts = lab.changes().filter((line) => /^POST .*\/lxc$/.test(line));
  assert.equal(posts.length, 1);
});

Deno.test("create makes its container without a mark where it may set neither tag nor description", async () => {
  await using lab = await startLab();
  const { cluster, tokens } = lab.simulator;
  const token = tokens["pxrun@pve!laptop"];
  for (const [name, privileges] of cluster.roles) {
    cluster.roles.set(name, new Set([...privileges].filter((one) => one !== "VM.Config.Options")));
  }
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const { during, status, stderr } = await create(lab, flags, { env });
  assert.equal(status, 0, stderr);
  assert.deepEqual(during, { tags: "", description: "" });
  assert.deepEqual(puts(lab), []);
});

Deno.test("create turns its mark into that of a failure when provisioning fails", async () => {
  await using lab = await startLab();
  const stdin = `${noted}provisioning: { scripts: [{ name: x, content: exit 3 }] }\n`;
  const { status } = await create(lab, ["-"], { stdin });
  assert.equal(status, 1);
  assert.deepEqual(notes(lab), { ...before, tags: "dev;pxrun-failed;web" });
  assert.deepEqual(puts(lab).length, 1);
});

Deno.test("create marks a failure by the description where the tag policy refuses the tag", async () => {
  await using lab = await startLab();
  const { cluster, tokens } = lab.simulator;
  cluster.options = { ...cluster.options, userAllowTags: "list", userAllowList: ["dev", "web"] };
  const token = tokens["pxrun@pve!laptop"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const stdin = `${noted}provisioning: { scripts: [{ name: x, content: exit 3 }] }\n`;
  const { status, stderr } = await create(lab, ["-"], { stdin, env });
  assert.equal(status, 1);
  assert.deepEqual(notes(lab), { ...before, description: `pxrun-failed\n${before.description}` });
  assert.doesNotMatch(stderr, /could not tag/);
});

Deno.test("create that cannot mark a failure says what cleanup would take its container for", async () => {
  await using lab = await startLab();
  const stdin = `${noted}provisioning: { scripts: [{ name: x, content: exit 3 }] }\n`;
  const { status, stderr } = await create(lab, ["-"], { stdin }, () => {
    lab.simulator.inject({ name: "lock", method: "PUT", message: "backup" });
  });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /! could not tag 100 as pxrun-failed: CT is locked \(backup\).*; a cleanup takes it for one to remove until provisioning it has succeeded\n/,
  );
  assert.match(stderr, /web-1 \(100\) is kept: /);
  assert.match(notes(lab).tags, /pxrun-creating/);
});

Deno.test("create keeps what somebody else has written into tags and description meanwhile", async () => {
  await using lab = await startLab();
  const { status, stderr } = await create(lab, ["-"], { stdin: noted }, () => {
    const ct = lab.simulator.cluster.cts.get(100);
    assert.ok(ct);
    ct.config["tags"] += ";backed-up";
    ct.config["description"] += "seen by ops\n";
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(notes(lab), {
    tags: "backed-up;dev;web",
    description: `${before.description}seen by ops\n`,
  });
});

Deno.test("create takes its mark away also when the reply is lost, or the file is locked for a moment", async () => {
  for (
    const [fault, calls] of [
      [{ name: "drop-reply", method: "PUT" }, 1],
      [{ name: "drop", method: "PUT" }, 2],
      [{ name: "busy", path: "/lxc/100" }, 2],
    ] as const
  ) {
    await using lab = await startLab({ timings: { lockTimeoutMs: 20 } });
    const { status, stderr } = await create(lab, ["-"], { stdin: noted }, () => {
      lab.simulator.inject({ ...fault, times: 1 });
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(notes(lab), before, fault.name);
    assert.equal(puts(lab).length, calls, fault.name);
    assert.doesNotMatch(stderr, /still marked/);
  }
});

Deno.test("create that cannot take its mark away says what to type, and has succeeded all the same", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "lock", method: "PUT", message: "backup" });
  const { status, stderr } = await create(lab, ["-"], { stdin: noted });
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /! container 100 is done, but still marked as unfinished: CT is locked \(backup\)[^]*; on pve0\d: pct set 100 --tags 'dev;web' --description 'ours\n\ndo not touch'\n/,
  );
});
