import assert from "node:assert/strict";
import { eventually } from "../../tests/unix.ts";
import { startContainer, testNode } from "../../tests/node.ts";

const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

Deno.test("pct takes a container from its creation to its end", async () => {
  await using node = await testNode();
  const created = await node.run(
    `pct create 105 ${TEMPLATE} --hostname web --rootfs local-lvm:2 --net0 name=eth0,bridge=vmbr0,ip=dhcp --features=nesting=1 --unprivileged 1`,
  );
  assert.deepEqual([created.code, created.err], [0, ""]);
  assert.match(created.out, /Detected container architecture: amd64\n/);
  assert.equal(
    (await node.run("pct list")).out,
    "VMID       Status     Lock         Name                \n105        stopped                 web                 \n",
  );
  assert.equal(
    (await node.run("pct start 105; pct status 105; pct exec 105 -- hostname")).out,
    "status: running\nweb\n",
  );
  assert.match(
    (await node.run("pct status 105 --verbose")).out,
    /^cpus: \d+\n.*name: web\n.*status: running\n/s,
  );
  assert.match(
    (await node.run("pct df 105")).out,
    /^MP +Volume +Size +Used Avail Use% Path\nrootfs local-lvm:vm-105-disk-0 2.0G/,
  );
  const set = await node.run(
    "pct set 105 --memory 640 --description 'a: b' --onboot; pct config 105; pct resize 105 rootfs +1G",
  );
  assert.match(
    set.out,
    /^arch: amd64\ndescription: a%3A b%0A\nfeatures: nesting=1\nhostname: web\nmemory: 640\nnet0: .*\nonboot: 1\n[^]*Image resized.\n$/,
  );
  assert.deepEqual(await node.run("pct set 105 --lock backup && pct stop 105"), {
    code: 255,
    out: "",
    err: "CT is locked (backup)\n",
  });
  assert.equal(
    (await node.run("pct unlock 105; pct reboot 105; pct shutdown 105; pct status 105")).out,
    "status: stopped\n",
  );
  assert.deepEqual(await node.run("pct destroy 105 --purge"), {
    code: 0,
    out: "purging CT 105 from related configurations..\n",
    err: "",
  });
  assert.deepEqual(await node.run("pct list; cat /etc/pve/lxc/105.conf"), {
    code: 1,
    out: "",
    err: "cat: /etc/pve/lxc/105.conf: No such file or directory\n",
  });
});

Deno.test("pct snapshots, rolls back and clones", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  const ran = await node.run(
    "pct stop 105; pct snapshot 105 s1 --description first; pct listsnapshot 105; pct rollback 105 s1; pct delsnapshot 105 s1; pct listsnapshot 105",
  );
  assert.deepEqual([ran.code, ran.err], [0, ""]);
  assert.match(
    ran.out,
    /^`-> s1 {26}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {5}first\n `-> current {44}You are here!\n`-> current {45}You are here!\n$/,
  );
  assert.equal(
    (await node.run("pct clone 105 106 --hostname copy --full; pct list | tail -n 1 | head -c 3"))
      .out.split("\n").at(-1),
    "106",
  );
});

Deno.test("pct refuses in the words and with the codes of the real one", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  const missing = "Configuration file 'nodes/pve01/lxc/300.conf' does not exist\n";
  const cases: readonly (readonly [command: string, code: number, err: string])[] = [
    ["pct status 300", 2, missing],
    ["pct start 300", 255, missing],
    ["pct exec 300 -- true", 2, missing],
    ["pct exec 105", 255, "missing command at /usr/share/perl5/PVE/CLI/pct.pm line 246.\n"],
    [
      "pct exec 105 ls -la /root",
      255,
      "Unknown option: la\n400 unable to parse option\npct exec <vmid> [<extra-args>] [OPTIONS]\n",
    ],
    ["pct create 300", 255, "400 not enough arguments\npct create <vmid> <ostemplate> [OPTIONS]\n"],
    ["pct start 105", 255, "CT 105 already running\n"],
    ["pct destroy 105", 255, "unable to destroy CT 105 - container is running\n"],
    [
      "pct frob 1",
      255,
      "ERROR: unknown command 'pct frob'\nUSAGE: pct <COMMAND> [ARGS] [OPTIONS]\n",
    ],
    ["pct", 255, "ERROR: no command specified\nUSAGE: pct <COMMAND> [ARGS] [OPTIONS]\n"],
    ["pct push 105 /nosuch /root/x", 0, "failed to open /nosuch for reading\n"],
    [
      "pct push 105 /etc/hostname /nosuch/x",
      0,
      "failed to create file: /nosuch/x: No such file or directory\n",
    ],
    [
      "pct push 105 /etc/hostname /x --user nosuch",
      0,
      "failed to change owner of /x to nosuch:0\n",
    ],
    ["pct pull 105 /nosuch /tmp/x", 0, "failed to open /nosuch: No such file or directory\n"],
    ["pct pull 105 /etc/hostname /no/such", 0, "failed to open /no/such for writing\n"],
    ["pct stop 105; pct exec 105 -- true", 255, "container '105' not running!\n"],
    ["pct enter 105", 255, "container '105' not running!\n"],
    ["pct push 105 /etc/hostname /x", 255, "can only push files to a running CT\n"],
  ];
  for (const [command, code, err] of cases) {
    const ran = await node.run(command);
    assert.deepEqual([ran.code, ran.err], [code, err], command);
  }
});

Deno.test("what is not quoted happens on the node, what is quoted in the container", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  await node.run("pct exec 105 -- cat > /root/mistake", "data");
  assert.equal((await node.run("cat /root/mistake; pct exec 105 -- ls /root/mistake")).out, "data");
  await node.run("pct exec 105 -- sh -c 'cat > /root/right'", "data");
  assert.equal((await node.run("ls /root/right || pct exec 105 -- cat /root/right")).out, "data");
  assert.equal((await node.run("pct exec 105 -- hostname && hostname")).out, "web\npve01\n");
  assert.equal(
    (await node.run(`pct exec 105 -- echo 'two  words' "a'b" '$HOME'`)).out,
    "two  words a'b $HOME\n",
  );
});

Deno.test("lxc-attach and pct exec pass streams, codes and the environment", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  assert.deepEqual(
    await node.run("lxc-attach -n 105 --clear-env -- sh -s", "echo out; echo err >&2; exit 5\n"),
    { code: 5, out: "out\n", err: "err\n" },
  );
  assert.equal(
    (await node.run("FOO=bar lxc-attach -n 105 --clear-env -v A=1=2 -- env | sort | head -n 1"))
      .out,
    "A=1=2\n",
  );
  assert.match((await node.run("FOO=bar lxc-attach -n 105 -- env")).out, /FOO=bar\n/);
  assert.match(
    (await node.run("FOO=bar pct exec 105 -- env")).out,
    /^PATH=\/sbin:\/bin:\/usr\/sbin:\/usr\/bin\n[^]*FOO=bar\n/,
  );
  assert.doesNotMatch((await node.run("FOO=bar pct exec 105 --keep-env 0 -- env")).out, /FOO/);
  assert.equal(
    (await node.run("pct exec 105 -- head -c 300000 /dev/zero | wc -c")).out,
    "300000\n",
  );
  assert.equal((await node.run("pct exec 105 -- cat /dev/zero | head -c 1")).out, "\0");
  assert.equal((await node.run("lxc-attach -n 105", "echo shell; exit 2")).code, 2);
  assert.equal((await node.run("pct enter 105", "echo hi; exit 4\n")).out, "hi\n");
  assert.equal(
    (await node.run(
      "pct push 105 /etc/hostname /root/p --perms 0640; pct exec 105 -- stat -c %a /root/p; pct pull 105 /root/p /tmp/p; cat /tmp/p",
    )).out,
    "640\npve01\n",
  );
});

Deno.test("commands inside go on when the one on the node is killed, and end with the container", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  const list = async () => (await node.run("pct exec 105 -- ps ax")).out;
  const killed = node.run("pct exec 105 -- sleep 60");
  await eventually(async () => / sleep 60\n/.test(await list()));
  await node.run("kill -9 $(ps ax | sed -n 's/ ? S 00:00:00 [p]ct exec 105 -- sleep.*//p')");
  assert.equal((await killed).code, 137);
  assert.match(await list(), / sleep 60\n/);
  const running = node.run("pct exec 105 -- sleep 61");
  await eventually(async () => / sleep 61\n/.test(await list()));
  await node.run("pct stop 105");
  assert.equal((await running).code, 137);
});

Deno.test("what is made on the node can be mounted from there", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  await node.run("pct stop 105");
  assert.equal(
    (await node.run(
      "mkdir -p /srv/own && pct set 105 --mp0 /srv/own,mp=/data --dev0 /dev/net/tun && pct start 105; pct exec 105 -- ls -d /data /dev/net/tun",
    )).out,
    "/data\n/dev/net/tun\n",
  );
  assert.deepEqual(await node.run("pct set 105 --dev1 /dev/nosuch"), {
    code: 2,
    out: "",
    err: "Device /dev/nosuch does not exist\n",
  });
});
