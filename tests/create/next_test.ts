import assert from "node:assert/strict";
import { startLab } from "../support/simulator.ts";

const key =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtTgZ1zqWZ8Sd2vJ0M4s0Y8x2F6f7m8n9o0p1q2r3s4 me@here";
const json = ["--format", "json"];

function create(template: string, ...more: string[]): string[] {
  return ["create", "--hostname", "web-1", "--template", template, ...more, ...json];
}

Deno.test("create ends with the shell to type, and with ssh only where a key went in", async () => {
  await using lab = await startLab();
  const withKey = await lab.run(create("debian-13", "--ssh-key", key));
  const made = JSON.parse(withKey.stdout);
  assert.deepEqual([made.next, made.ssh], ["pxrun shell web-1", `ssh root@${made.addresses[0]}`]);
  const text = await lab.run(
    ["create", "--hostname", "web-2", "--template", "debian-13", "--ssh-key", key],
  );
  assert.match(text.stdout, /\n {2}ssh +ssh root@10\.\S+\n[^]*\n {2}next +pxrun shell web-2\n$/);
  const without = JSON.parse((await lab.run(create("debian-13").with(2, "web-3"))).stdout);
  assert.deepEqual([without.next, without.ssh], ["pxrun shell web-3", undefined]);
});

Deno.test("create prints no ssh for a container without an SSH server", async () => {
  await using lab = await startLab();
  const { status, stdout, stderr } = await lab.run(create("alpine-3.22", "--ssh-key", key));
  assert.equal(status, 0, stderr);
  const made = JSON.parse(stdout);
  assert.deepEqual([made.next, made.ssh], ["pxrun shell web-1", undefined]);
});

Deno.test("create prints ssh for a server that the recipe itself installs, and for the user with a key", async () => {
  await using lab = await startLab();
  const recipe = `container: { hostname: web-1, template: alpine-3.22 }
provisioning:
  packages: [openssh]
  users: [{ username: dev, ssh_keys: ["${key}"] }]
  scripts: [{ content: "rc-update add sshd && rc-service sshd start" }]
`;
  const { status, stdout, stderr } = await lab.run(["create", "-", ...json], { stdin: recipe });
  assert.equal(status, 0, stderr);
  const made = JSON.parse(stdout);
  assert.equal(made.ssh, `ssh dev@${made.addresses[0]}`);
});

Deno.test("create names the vmid in what to type where the name is not enough", async () => {
  await using lab = await startLab();
  await lab.run(create("debian-13", "--no-start"));
  const second = await lab.run(create("debian-13", "--no-start", "--allow-duplicate"));
  assert.equal(JSON.parse(second.stdout).next, "pxrun shell 101");
});

Deno.test("create --no-start prints what starts the container, before the shell that needs it", async () => {
  await using lab = await startLab();
  const made = JSON.parse((await lab.run(create("debian-13", "--no-start"))).stdout);
  assert.match(made.start, / root@127\.0\.0\.1 pct start 100$/);
  assert.equal(made.console, undefined);
  const line = ["create", "--hostname", "web-2", "--template", "debian-13"];
  const stopped = await lab.run([...line, "--no-start"]);
  assert.match(
    stopped.stdout,
    /\n {2}start +ssh .* pct start 101\n {2}next +pxrun shell web-2\n$/,
  );
  const running = JSON.parse((await lab.run([...line.with(2, "web-3"), ...json])).stdout);
  assert.equal(running.start, undefined);
});

Deno.test("create prints a console command with the key and the known hosts that pxrun uses", async () => {
  await using lab = await startLab();
  const { SSH_KEY_PATH: keyPath, PXRUN_KNOWN_HOSTS: knownHosts } = lab.simulator.env();
  const { stdout } = await lab.run(create("debian-13"));
  const { console: line } = JSON.parse(stdout);
  assert.ok(line.includes(` -i ${keyPath} -o UserKnownHostsFile=${knownHosts} -p `), line);
  assert.match(line, / root@127\.0\.0\.1 pct enter 100$/);
});

Deno.test("create names the private half of a key that ssh would not try by itself", async () => {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/deploy.pub`, `${key}\n`);
    await Deno.writeTextFile(`${directory}/deploy`, "private\n");
    const { stdout } = await lab.run(create("debian-13", "--ssh-key", `${directory}/deploy.pub`));
    const { ssh, addresses } = JSON.parse(stdout);
    assert.equal(ssh, `ssh -i ${directory}/deploy root@${addresses[0]}`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
