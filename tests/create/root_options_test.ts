import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const head = "container:\n  hostname: media\n  template: debian-13\n  node: pve01\n";
const wish = `${head}  features: { keyctl: true }
  mount_points: [{ host: "/srv/it's", container: /data }]
  devices:
    - { path: /dev/net/tun, mode: "0666" }
    - { path: /dev/fuse, group: render }
`;

/** Runs a command line on the node, as its administrator would. */
async function onNode(lab: Lab, command: string): Promise<string> {
  await using cluster = await connect(lab.platform());
  const ssh = await cluster.ssh("pve01");
  const { stdout, stderr } = await ssh.exec(command);
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("create sets by one pct set what no token may set, and looks up groups inside", async () => {
  await using lab = await startLab();
  await onNode(lab, `mkdir -p "/srv/it's" && chown 100000:100000 "/srv/it's"`);
  const { status, stderr } = await lab.run(["create", "-", "--verbose"], { stdin: wish });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /✓ set features, mp0, dev0, dev1/);
  assert.match(stderr, /why SSH:.* from root@pam alone/);
  assert.doesNotMatch(stderr, /nobody in the container/);
  const ct = lab.simulator.cluster.cts.get(100);
  const set = ["lock", "features", "mp0", "dev0", "dev1"].map((name) => ct?.config[name]);
  assert.deepEqual([ct?.status, ...set], [
    "running",
    undefined,
    "nesting=1,keyctl=1",
    "/srv/it's,mp=/data",
    "/dev/net/tun,mode=0666",
    "/dev/fuse,gid=989",
  ]);
  // Debian's template has no such group, so it was made with the gid that the device has.
  const made = new TextDecoder().decode(await ct?.guest?.read("/etc/group"));
  assert.match(made, /^render:x:989:$/m);
});

Deno.test("create refuses directories and devices that are not there, and makes nothing", async () => {
  await using lab = await startLab();
  const impossible = `${head}  mount_points: [{ host: /srv/none, container: /data }]
  devices: [{ path: /dev/none }]
`;
  const { status, stderr } = await lab.run(["create", "-"], { stdin: impossible });
  assert.equal(status, 3, stderr);
  assert.match(
    stderr,
    /-?:5:\d+: there is no \/srv\/none on pve01\n[^]*hint: .*--make-directories/,
  );
  assert.match(stderr, /there is no device \/dev\/none on pve01/);
  assert.ok(lab.simulator.requests.every(({ method }) => method === "GET"));
});

const directories = `${head}  mount_points: [{ host: /srv/new/deep, container: /data }]\n`;

Deno.test("create --make-directories makes a directory that root of the container owns", async () => {
  await using lab = await startLab();
  const args = ["create", "-", "--make-directories"];
  const { status, stderr } = await lab.run(args, { stdin: directories });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /✓ made \/srv\/new\/deep/);
  assert.equal(await onNode(lab, "stat -c '%u %g' /srv/new /srv/new/deep"), "0 0\n100000 100000\n");
});

Deno.test("create offers on a terminal to make a directory, and takes it back when it fails", async () => {
  await using lab = await startLab();
  const no = await lab.run(["create", "-"], { stdin: directories, answers: ["n"] });
  assert.equal(no.status, 3);
  assert.match(no.stderr, /there is no \/srv\/new\/deep on pve01\n.*Make it\?/);
  assert.deepEqual(lab.containers(), []);
  const fault = { name: "task-failure", type: "vzcreate", message: "no more disks" } as const;
  lab.simulator.cluster.faults.push(fault);
  const failed = await lab.run(["create", "-"], { stdin: directories, answers: ["y", "y"] });
  assert.equal(failed.status, 1, failed.stderr);
  assert.match(failed.stderr, /✓ remove \/srv\/new\/deep/);
  assert.match(await onNode(lab, "ls -d /srv/new"), /No such file/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create that is interrupted while it looks up groups unmounts its container, and removes it", async () => {
  await using lab = await startLab({ timings: { createMs: 1_500 } });
  const stdin = `${head}  devices: [{ path: /dev/fuse, group: render }]\n`;
  const platform = lab.platform({ stdin });
  const running = runCli(["create", "-"], platform);
  const { cts } = lab.simulator.cluster;
  await until("the create task", () => cts.has(100));
  // What reads the groups does not come to its end.
  const cat = "/usr/bin/cat";
  await onNode(lab, `rm ${cat}; printf '#!/bin/sh\nsleep 600\n' >${cat}; chmod 755 ${cat}`);
  await until("the mount", () => cts.get(100)?.config["lock"] === "mounted");
  platform.interrupt();
  assert.equal(await running, 130, platform.stderr());
  assert.match(platform.stderr(), /✓ unmount container 100 .*\n✓ remove container 100/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create removes the container when pct set refuses, or a group cannot be made", async () => {
  const snippet = "local:snippets/hook.pl";
  await using lab = await startLab({
    onArrival: (arrival) => {
      // It was there when that was looked at.
      if (arrival.by !== "REST" || arrival.method !== "POST") return;
      const { cluster } = lab.simulator;
      cluster.volumes = cluster.volumes.filter(({ volid }) => volid !== snippet);
    },
  });
  for (const node of ["pve01", "pve02"]) haveSnippet(lab, snippet, node);
  for (
    const [options, said] of [
      [
        `hookscript: ${snippet}`,
        /pct set 100 failed on pve0\d: script .* not exist\n(?:.*\n)*hint: .* container\.hookscript of/,
      ],
      ["devices: [{ path: /dev/fuse, group: nosuch }]", /the template has no group nosuch/],
    ] as const
  ) {
    const stdin = `${head}  ${options}\n`;
    const { status, stderr } = await lab.run(["create", "-", "--no-start"], { stdin });
    assert.notEqual(status, 0);
    assert.match(stderr, said);
    assert.deepEqual(lab.containers(), []);
  }
});

/** Puts a script on the storage of a node. */
function haveSnippet({ simulator: { cluster } }: Lab, volid: string, node: string): void {
  const { volumes: [archive] } = cluster;
  if (archive) {
    cluster.volumes.push({ ...archive, volid, node, content: "snippets", format: "snippet" });
  }
}

Deno.test("create looks for a hookscript before it makes anything", async () => {
  await using lab = await startLab();
  const create = async (volid: string) => {
    const stdin = `${head}  hookscript: ${volid}\n`;
    return await lab.run(["create", "-", "--no-start", "--format", "json"], { stdin });
  };
  const missing = await create("local:snippets/no.pl");
  assert.equal(missing.status, 3);
  const [problem] = JSON.parse(missing.stdout).error.problems;
  assert.deepEqual([problem.code, problem.path], ["NOT_FOUND", "container.hookscript"]);
  assert.equal((await create("nosuch:snippets/no.pl")).status, 3);
  assert.deepEqual(lab.changes(), []);
  for (const node of ["pve01", "pve02"]) haveSnippet(lab, "local:snippets/hook.pl", node);
  const found = await create("local:snippets/hook.pl");
  assert.equal(found.status, 0, found.stderr);
});

Deno.test("create leaves it to root to say whether there is a hookscript that it may not look for", async () => {
  await using lab = await startLab();
  haveSnippet(lab, "local:snippets/hook.pl", "pve01");
  const refuses = { name: "status", path: "/storage/local/content", status: 403 } as const;
  const stdin = `${head}  hookscript: local:snippets/hook.pl\n`;
  const end = lab.simulator.inject({ ...refuses, message: "Permission check failed", times: 99 });
  const { stdout } = await lab.run(["create", "-", "--no-start", "--dry-run", "--format", "json"], {
    stdin,
  });
  end();
  const problems: { path?: string }[] = JSON.parse(stdout).error?.problems ?? [];
  assert.ok(!problems.some(({ path }) => path === "container.hookscript"), stdout);
});
