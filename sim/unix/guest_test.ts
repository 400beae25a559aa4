import assert from "node:assert/strict";
import { ALPINE, DEBIAN, eventually, testGuest } from "../tests/unix.ts";
import type { GuestIo } from "./types.ts";

const nothing: GuestIo = {
  stdin: {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: true, value: undefined }),
    }),
  },
  stdout: () => {},
  stderr: () => {},
};

Deno.test("createGuest() gives programs what lxc-attach --clear-env gives them", async () => {
  using test = await testGuest();
  assert.deepEqual(await test.run(["env"]), {
    code: 0,
    out:
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\ncontainer=lxc\nTERM=linux\n",
    err: "",
  });
  const script = 'echo "$HOME|$PWD"; pwd; hostname; tty';
  assert.equal((await test.run(["sh", "-s"], script)).out, "|/root\n/root\nweb\nnot a tty\n");
});

Deno.test("createGuest() refuses what cannot be run in the words of lxc-attach", async () => {
  using test = await testGuest();
  const place = "lxc-attach: 300: ../src/lxc/attach.c: lxc_attach_run_command: 1845";
  assert.deepEqual(await test.run(["nosuchcmd"]), {
    code: 127,
    out: "",
    err: `${place} No such file or directory - Failed to exec "nosuchcmd"\n`,
  });
  assert.deepEqual(await test.run(["/etc/passwd"]), {
    code: 126,
    out: "",
    err: `${place} Permission denied - Failed to exec "/etc/passwd"\n`,
  });
});

Deno.test("createGuest() passes exit codes, signals and all bytes through", async () => {
  using test = await testGuest();
  assert.equal((await test.run("exit 7")).code, 7);
  assert.equal((await test.run("kill -TERM $$")).code, 143);
  const bytes = Uint8Array.from({ length: 256 * 300 }, (_, i) => i & 255);
  const ran = await test.run(
    "cat >/root/bytes; wc -c </root/bytes; cat /root/bytes | sha256sum",
    bytes,
  );
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assert.equal(ran.out, `76800\n${hash}  -\n`);
  assert.deepEqual(await test.guest.read("/root/bytes"), bytes);
});

Deno.test("createGuest() reads and writes files from outside", async () => {
  using test = await testGuest();
  await test.guest.write("/srv/new/ä", new TextEncoder().encode("grüße"), 0o640);
  assert.equal(
    (await test.run("stat -c '%a %U' /srv/new/*; cat /srv/new/*")).out,
    "640 root\ngr\xc3\xbc\xc3\x9fe",
  );
  assert.equal(await test.guest.read("/nosuch"), undefined);
  assert.equal(await test.guest.read("/srv"), undefined);
});

Deno.test("createGuest() records every argv that runs inside", async () => {
  using test = await testGuest();
  await test.run("env cat /etc/hostname | head -n 1; true");
  const names = test.guest.argvs.map((argv) => argv[0]);
  assert.deepEqual(names.sort(), ["cat", "env", "head", "sh"]);
  assert.ok(!test.guest.argvs.some((argv) => argv[0] === "true"), "a builtin is no program");
});

Deno.test("createGuest() ends every process when the container stops", async () => {
  using test = await testGuest();
  await test.run("echo kept >/root/kept; echo gone >/run/gone");
  const running = test.run("sleep 60 | sleep 60");
  await eventually(() => test.guest.argvs.filter((argv) => argv[0] === "sleep").length === 2);
  test.guest.stop();
  assert.equal((await running).code, 137);
  assert.equal((await test.run("cat /root/kept; ls /run")).out, "kept\n");
});

Deno.test("createGuest() ends one program when its signal is aborted", async () => {
  using test = await testGuest();
  const abort = new AbortController();
  const running = test.guest.exec(["sleep", "60"], { ...nothing, signal: abort.signal });
  abort.abort();
  assert.equal(await running, 137);
});

Deno.test("createGuest() unpacks the distribution that the template's name says", async () => {
  const expected = {
    [DEBIAN]: "debian 12 dash apt-get",
    "debian-13-standard_13.1-2_amd64.tar.zst": "debian 13 dash apt-get",
    "ubuntu-24.04-standard_24.04-2_amd64.tar.zst": "ubuntu 24.04 dash apt-get",
    [ALPINE]: "alpine 3.22 /bin/busybox apk",
  };
  for (const [template, words] of Object.entries(expected)) {
    using test = await testGuest(template);
    const script = `. /etc/os-release
for m in apt-get apk; do command -v $m >/dev/null && found=$m; done
echo "$ID $VERSION_ID $(readlink /bin/sh) $found"`;
    assert.equal((await test.run(script)).out, `${words}\n`, template);
  }
});

Deno.test("createGuest() says which templates it does not have", async () => {
  await assert.rejects(
    testGuest("fedora-43-default_20260115_amd64.tar.xz"),
    /^Error: not in the simulated container: fedora-43.* \(docs\/lab.md runs real ones\)$/,
  );
});

Deno.test("createGuest() has no bash on Alpine", async () => {
  using test = await testGuest(ALPINE);
  assert.equal((await test.run(["bash", "-c", "true"])).code, 127);
  const { code, err } = await test.run("nosuchcmd");
  assert.deepEqual({ code, err }, {
    code: 127,
    err: "sh: not in the simulated container: nosuchcmd (docs/lab.md runs real ones)\n",
  });
});

Deno.test("createGuest() writes what Proxmox writes at a start", async () => {
  const config = {
    net0: "name=eth0,bridge=vmbr0,gw=10.99.0.1,ip=10.99.0.70/24,type=veth",
    net1: "name=eth1,bridge=vmbr1,ip=dhcp",
    nameserver: "10.0.0.1 10.0.0.2",
    searchdomain: "example.test",
    mp0: "/srv/data,mp=/data",
    mp1: "local:300/vm-300-disk-1.raw,mp=/var/lib/app,size=8G",
    dev0: "/dev/net/tun,mode=0666",
  };
  using test = await testGuest(DEBIAN, { config: () => config });
  assert.equal(
    (await test.run("cat /etc/network/interfaces /etc/resolv.conf")).out,
    "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n\taddress 10.99.0.70/24\n" +
      "\tgateway 10.99.0.1\n\nauto eth1\niface eth1 inet dhcp\n\n" +
      "# --- BEGIN PVE ---\nsearch example.test\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n# --- END PVE ---\n",
  );
  assert.equal(
    (await test.run("stat -c '%n %u %F' /data /var/lib/app /dev/net/tun; stat -c %a /dev/net/tun"))
      .out,
    "/data 65534 directory\n/var/lib/app 0 directory\n/dev/net/tun 0 character special file\n666\n",
  );
});
