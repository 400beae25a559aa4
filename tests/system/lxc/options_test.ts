import assert from "node:assert/strict";
import { startLxcLab } from "../../lab/mod.ts";

const recipe = `
container:
  hostname: app-1
  template: debian-13
  network: { ip: 10.99.0.13/24, gateway: 10.99.0.1 }
provisioning:
  scripts: [{ name: boot, content: systemctl is-system-running --wait }]
`;

/** Asks the kernel for its session keyring: keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1). */
const keyring = "perl -e 'exit(syscall(250, 0, -3, 1) < 0)'";

Deno.test("a Debian 13 container has the mounts, devices and features that pct sets", async () => {
  await using lab = await startLxcLab("debian-13");
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin: recipe });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /✓ address 10\.99\.0\.13/);

  const inside = (script: string): Promise<string> =>
    lab.node.sh('exec lxc-attach -n 100 --clear-env -- sh -euc "$1"', [script]);
  assert.equal(await inside("hostname; df --output=fstype / | tail -1"), "app-1\next4\n");
  await assert.rejects(inside("exec 3</dev/fuse"), /dev\/fuse/);
  await assert.rejects(inside(keyring));

  await lab.node.sh(`
    mkdir -p '/srv/some data'
    echo here >'/srv/some data/file'
    chown 101000:101000 '/srv/some data'
    pct set 100 --mp0 '/srv/some data,mp=/data' --mp1 local-lvm:8,mp=/var/lib/app \
      --dev0 /dev/fuse --dev1 /dev/net/tun,mode=0666,gid=44 --features nesting=1,keyctl=1
    pct reboot 100`);
  assert.equal(await inside("cat /data/file; stat -c %u:%g /data"), "here\n1000:1000\n");
  const size = Number(await inside("df --output=size -BM /var/lib/app | tail -1 | tr -d ' M'"));
  assert.ok(size > 7_500 && size < 8_192, `${size} MiB`);
  assert.equal(
    await inside("stat -c '%A %t,%T %G' /dev/fuse /dev/net/tun"),
    "crw-rw---- a,e5 root\ncrw-rw-rw- a,c8 video\n",
  );
  await inside("exec 3<>/dev/fuse 4<>/dev/net/tun");
  await inside(keyring);
  await inside("echo kept >/var/lib/app/file; sync");
  await lab.node.sh("pct stop 100; pct start 100");
  assert.equal(await inside("cat /var/lib/app/file"), "kept\n");
});

Deno.test("a container that cannot start says why in its task, and leaves nothing running", async () => {
  await using lab = await startLxcLab("busybox");
  const stdin = "container: { hostname: b, template: busybox-1.35_1_amd64.tar.zst }";
  const { status, stderr } = await lab.run(["create", "-", "--yes", "--no-start"], { stdin });
  assert.equal(status, 0, stderr);
  const start = (wish: string): Promise<string> =>
    lab.node.sh(`pct set 100 ${wish}; pct start 100 2>&1 || echo "exit $?"; pct status 100`);
  await assert.rejects(start("--dev0 /dev/nosuch"), /Device \/dev\/nosuch does not exist/);
  assert.match(
    await start("--mp0 /srv/nosuch,mp=/x"),
    /\/srv\/nosuch: No such file or directory\n(.*\n)*exit 255\nstatus: stopped\n$/,
  );
  assert.match(await start("--delete mp0"), /status: running\n$/);
});
