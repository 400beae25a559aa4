import assert from "node:assert/strict";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";

/** What only root@pam may set, all of it. */
function recipe(hostname: string): string {
  return `
container:
  hostname: ${hostname}
  template: debian-13
  resources: { storage: 3 }
  features: { keyctl: true }
  mount_points:
    - { host: "/srv/it's mine", container: /data }
    - { host: /srv/films, container: /srv/films, read_only: true }
    - { volume: local-lvm, size: 8G, container: /var/lib/app }
  devices:
    - { path: /dev/fuse, mode: "0666" }
    - { path: /dev/net/tun, group: video }
`;
}

/** Asks the kernel for its session keyring: keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1). */
const keyring = "perl -e 'exit(syscall(250, 0, -3, 1) < 0)'";

/** SSH to the node is all there is. */
const sshAlone = Object.fromEntries(
  ["HOST", "TOKEN_ID", "TOKEN_SECRET", "FINGERPRINT"].map((name) => [`PROXMOX_${name}`, ""]),
);

function inside(lab: LxcLab, vmid: number, script: string): Promise<string> {
  return lab.node.sh('exec lxc-attach -n "$1" --clear-env -- sh -euc "$2"', [`${vmid}`, script]);
}

Deno.test("create gives a container its mounts, devices and keyring, by token and by SSH alone", async () => {
  await using lab = await startLxcLab("debian-13");
  await lab.node.sh(`
    mkdir -p "/srv/it's mine" /srv/films
    chown 101000:101000 "/srv/it's mine"
    chown 100000:100000 /srv/films
    echo here | tee "/srv/it's mine/file" >/srv/films/film`);
  for (const [vmid, env] of [[100, {}], [101, sshAlone]] as const) {
    const stdin = recipe(`app-${vmid}`);
    const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin, env });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /✓ set features, mp0, mp1, dev0, dev1/);
    const look = (script: string): Promise<string> => inside(lab, vmid, script);

    assert.equal(await look("cat /data/file; stat -c %u:%g /data"), "here\n1000:1000\n");
    await look(`echo ${vmid} >/data/from-${vmid} && chown 1000 /data/from-${vmid}`);
    assert.equal(await look("cat /srv/films/film"), "here\n");
    await assert.rejects(look("touch /srv/films/new"), /Read-only file system/);
    await look(`exec 3<>/dev/fuse; ${keyring}`);
    // The gid is that of the template's own group, read before the first start.
    assert.equal(
      await look("stat -c '%A %t,%T %U:%G' /dev/fuse /dev/net/tun"),
      "crw-rw-rw- a,e5 root:root\ncrw-rw---- a,c8 root:video\n",
    );
    const size = Number(await look("df --output=size -BM /var/lib/app | tail -1 | tr -d ' M'"));
    assert.ok(size > 7_500 && size < 8_192, `${size} MiB`);
    assert.equal(await look("touch /var/lib/app/file; stat -c %U /var/lib/app/file"), "root\n");
  }
  assert.equal(
    await lab.node.sh(`cd "/srv/it's mine"; stat -c '%n %u' from-*; ls /var/lib/lxc/100/rootfs`),
    "from-100 101000\nfrom-101 101000\n",
  );
});

Deno.test("create refuses each impossible wish before anything exists", async () => {
  await using lab = await startLxcLab("busybox");
  const head = "container: { hostname: b, template: busybox-1.35_1_amd64.tar.zst, ";
  const bind = "mount_points: [{ host: /srv, container: /data }]";
  const noSsh = { PXRUN_SSH_NODES: "pve01=root@127.0.0.1:1" };
  for (
    const [wish, said, env] of [
      ["mount_points: [{ host: /srv/none, container: /d }]", /there is no \/srv\/none on pve01/],
      ["devices: [{ path: /dev/none }]", /there is no device \/dev\/none on pve01/],
      ["devices: [{ path: /dev/shm }]", /\/dev\/shm on pve01 is no device/],
      ["devices: [{ path: /dev/fuse }], features: { fuse: true }", /features\.fuse brings/],
      [bind, /no SSH to pve01/, noSsh],
    ] as const
  ) {
    const { status, stderr } = await lab.run(["create", "-", "--yes"], {
      stdin: `${head}${wish} }`,
      ...(env && { env }),
    });
    assert.notEqual(status, 0, stderr);
    assert.match(stderr, said);
    assert.deepEqual([lab.changes(), await lab.node.sh("ls /var/lib/lxc")], [[], ""]);
  }
});

Deno.test("create --no-start leaves nothing when the template has no group of that name", async () => {
  await using lab = await startLxcLab("busybox");
  const head = "container: { hostname: b, template: busybox-1.35_1_amd64.tar.zst, ";
  const stdin = `${head}devices: [{ path: /dev/fuse, group: nosuch }] }`;
  const { status, stderr } = await lab.run(["create", "-", "--yes", "--no-start"], { stdin });
  assert.equal(status, 3, stderr);
  assert.match(stderr, /the template has no group nosuch/);
  const left = "ls /var/lib/lxc; grep loop /proc/mounts || true";
  assert.equal(await lab.node.sh(left), "");
});
