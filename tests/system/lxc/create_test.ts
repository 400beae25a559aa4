import assert from "node:assert/strict";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";

const key =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2vSIEBo0zY1Z8QWcZJbF0m3wNnW7oJ8TqvY3Qv6q0F me@laptop";
const recipe = `
container: { hostname: web-1, template: debian-12, resources: { storage: 4 } }
provisioning:
  packages: [tree]
  ssh_keys: ["${key}"]
  files:
    - { path: "/etc/app dir/a'b.conf", content: "x=$(id)\\n", mode: "0640", owner: "daemon:adm" }
  scripts:
    - name: hello
      environment: { GREETING: "it's $HOME" }
      content: |
        printf '%s' "$GREETING" >/root/greeting
        systemctl is-system-running --wait >/root/system
        findmnt -no FSTYPE / >/root/fstype
`;

const json = ["--yes", "--format", "json"];

/** What a command inside prints. */
function inside(lab: LxcLab, ...argv: string[]): Promise<string> {
  return lab.node.sh('exec lxc-attach -n 100 --clear-env -- "$@"', argv);
}

/** All that a container has on its node. */
function traces(lab: LxcLab): Promise<string> {
  return lab.node.sh(`
    lxc-ls
    ls /var/lib/lxc
    grep -E 'lxc|loop' /proc/mounts | grep -v '^containers ' || true
    ip -br link | grep veth || true
    find /sys/fs/cgroup -name '*payload*'`);
}

Deno.test("create makes a real Debian 12 container as its recipe says, and destroy leaves nothing", async () => {
  await using lab = await startLxcLab("debian-12");
  assert.equal(await traces(lab), "");

  const created = await lab.run(["create", "-", ...json], { stdin: recipe });
  assert.equal(created.status, 0, created.stderr);
  const { vmid, status, addresses: [address] } = JSON.parse(created.stdout);
  assert.deepEqual([vmid, status], [100, "running"]);
  assert.match(address, /^10\.99\.0\.1\d\d$/);

  assert.match(await inside(lab, "dpkg", "-s", "tree"), /^Status: install ok installed$/m);
  const file = "/etc/app dir/a'b.conf";
  assert.equal(await inside(lab, "stat", "-c", "%a %U:%G", file), "640 daemon:adm\n");
  assert.equal(await inside(lab, "cat", file), "x=$(id)\n");
  assert.match(await inside(lab, "cat", "/root/.ssh/authorized_keys"), new RegExp(`^${key}$`, "m"));
  assert.equal(await inside(lab, "cat", "/root/greeting"), "it's $HOME");
  assert.equal(await inside(lab, "cat", "/root/system"), "running\n");
  assert.equal(await inside(lab, "cat", "/root/fstype"), "ext4\n");
  assert.match(await inside(lab, "cat", "/proc/self/uid_map"), /^ +0 +100000 +65536\n$/);

  const list = await lab.run(["list", "--ips", "--format", "json"]);
  assert.match(list.stdout, new RegExp(`"${address}"`));
  // The address is that of the container itself: its own sshd answers there.
  assert.match(await lab.node.sh("ssh-keyscan -T 20 $1 2>&1", [address]), / SSH-2\.0-OpenSSH_9/);

  const second = ["create", "-", ...json, "--no-provision"];
  const refused = await lab.run(second, { stdin: recipe });
  assert.equal(refused.status, 1);
  assert.equal(JSON.parse(refused.stdout).error.code, "ALREADY_EXISTS");
  const twin = await lab.run([...second, "--allow-duplicate"], { stdin: recipe });
  assert.equal(twin.status, 0, twin.stderr);
  assert.match(twin.stderr, /! web-1 is the name of container 100 on pve01 already/);
  assert.notEqual(JSON.parse(twin.stdout).addresses[0], address);
  assert.equal(await lab.node.sh("lxc-ls --running -1"), "100\n101\n");
  const both = await lab.run(["destroy", "web-1", "--yes", "--force"]);
  assert.notEqual(both.status, 0, both.stderr);

  const destroyed = await lab.run(["destroy", "100", "101", "--yes", "--force"]);
  assert.equal(destroyed.status, 0, destroyed.stderr);
  assert.equal(await traces(lab), "");
});
