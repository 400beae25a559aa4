import assert from "node:assert/strict";
import { makeCertificate } from "../certificate.ts";
import { eventually } from "../guest/testing.ts";
import { startContainer, testNode } from "./testing.ts";

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
    (await node.run("pct clone 105 106 --hostname copy --full; pct list | tail -n 1 | cut -c 1-3"))
      .out.split("\n").at(-2),
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
  assert.equal((await node.run("pct exec 105 -- yes | head -n 1")).out, "y\n");
  assert.equal((await node.run("lxc-attach -n 105", "echo shell; exit 2")).code, 2);
  assert.equal((await node.run("pct enter 105", "echo hi; exit 4\n")).out, "hi\n");
  assert.equal(
    (await node.run(
      "pct push 105 /etc/hostname /root/p --perms 0640; pct exec 105 -- stat -c %a /root/p; pct pull 105 /root/p /tmp/p; cat /tmp/p",
    )).out,
    "640\npve01\n",
  );
});

Deno.test("lxc-attach says why it cannot enter", async () => {
  await using node = await testNode();
  const refused =
    "lxc-attach: 499: ../src/lxc/attach.c: get_attach_context: 406 Connection refused - Failed to get init pid\n" +
    "lxc-attach: 499: ../src/lxc/attach.c: lxc_attach: 1474 Connection refused - Failed to get attach context\n";
  assert.deepEqual(await node.run("lxc-attach -n 499 --clear-env -- true"), {
    code: 1,
    out: "",
    err: refused,
  });
  assert.equal((await node.run("lxc-attach -- true")).code, 1);
});

Deno.test("lxc-info and lxc-ls describe", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  assert.match(
    (await node.run("lxc-info -n 105")).out,
    /^Name: {11}105\nState: {10}RUNNING\nPID: +\d+\nIP: +10\.77\.0\.1\d\d\n/,
  );
  assert.equal((await node.run("lxc-info -n 105 -s -H; lxc-ls")).out, "RUNNING\n105\n");
  assert.deepEqual(await node.run("lxc-info -n 99"), {
    code: 1,
    out: "",
    err: "99 doesn't exist\n",
  });
});

Deno.test("commands inside go on when the one on the node is killed, and end with the container", async () => {
  await using node = await testNode();
  await startContainer(node.cluster, 105);
  const killed = node.run("pct exec 105 -- sleep 60 & sleep 0.05; kill -9 $!; wait $!; echo $?");
  assert.equal((await killed).out, "137\n");
  assert.match((await node.run("pct exec 105 -- pgrep -a sleep")).out, /^\d+ sleep 60\n$/);
  const running = node.run("pct exec 105 -- sleep 61");
  await eventually(async () => (await node.run("pct exec 105 -- pgrep -f 'sleep 61'")).code === 0);
  await node.run("pct stop 105");
  assert.equal((await running).code, 137);
});

Deno.test("pvesh speaks to the API, and exits with 0 when only the task failed", async () => {
  await using node = await testNode();
  assert.equal(
    (await node.run("pvesh get /cluster/nextid; pvesh get /cluster/nextid --output-format json"))
      .out,
    '100\n"100"\n',
  );
  assert.match(
    (await node.run("pvesh get /version")).out,
    /^┌[─┬]+┐\n│ key +│ value +│\n╞[═╪]+╡\n│ release +│/,
  );
  assert.match(
    (await node.run("pvesh get /nodes --output-format json-pretty")).out,
    /^\[\n {3}\{\n {6}"cpu"/,
  );
  assert.match((await node.run("pvesh get /nodes")).out, /│ pve02 /);
  assert.equal((await node.run("pvesh get /cluster/resources --type vm")).out, "");
  const created = await node.run(
    `pvesh create /nodes/pve01/lxc --vmid 107 --ostemplate ${TEMPLATE} --rootfs local-lvm:1 --output-format json`,
  );
  assert.match(created.out, /\n"UPID:pve01:[^\n]+:vzcreate:107:root@pam:"\n$/);
  const failed = await node.run("pvesh create /nodes/pve01/lxc/999/status/start");
  assert.deepEqual([failed.code, failed.err], [
    0,
    "Configuration file 'nodes/pve01/lxc/999.conf' does not exist\n",
  ]);
  const cases: readonly (readonly [command: string, code: number, err: string])[] = [
    ["pvesh get /nosuch", 1, "No 'get' handler defined for '/nosuch'\n"],
    [
      "pvesh frob /version",
      255,
      "ERROR: unknown command 'pvesh frob'\nUSAGE: pvesh <COMMAND> [ARGS] [OPTIONS]\n",
    ],
    [
      "pvesh get /nodes/pve01/lxc/999/config",
      2,
      "Configuration file 'nodes/pve01/lxc/999.conf' does not exist\n",
    ],
    [
      "pvesh set /nodes/pve01/lxc/107/config --memory abc",
      255,
      "400 Parameter verification failed.\nmemory: type check ('integer') failed - got 'abc'\npvesh set <api_path> [OPTIONS] [FORMAT_OPTIONS]\n",
    ],
    [
      "pvesh get /version --nosuch 1",
      255,
      "Unknown option: nosuch\n400 unable to parse option\npvesh get <api_path> [OPTIONS] [FORMAT_OPTIONS]\n",
    ],
  ];
  for (const [command, code, err] of cases) {
    const ran = await node.run(command);
    assert.deepEqual([ran.code, ran.err], [code, err], command);
  }
});

Deno.test("a killed pvesh ends its task", async () => {
  await using node = await testNode();
  node.cluster.timings = { ...node.cluster.timings, createMs: 60_000 };
  await node.run(
    `pvesh create /nodes/pve01/lxc --vmid 108 --ostemplate ${TEMPLATE} --rootfs local-lvm:1 & sleep 0.05; kill $!; wait $!`,
  );
  await eventually(() =>
    [...node.cluster.tasks.values()].every((task) => task.exitstatus !== undefined)
  );
  assert.equal(node.cluster.cts.has(108), false);
});

Deno.test("pveum manages users, tokens, roles and rights", async () => {
  await using node = await testNode();
  const ran = await node.run(
    `pveum role add Mine --privs 'VM.Audit,VM.PowerMgmt'; pveum user add me@pve --comment x; pveum acl modify / --users me@pve --roles Mine
pveum user token add me@pve laptop --privsep 0 --output-format json | sed 's/"value":"[^"]*"/V/'; pveum user token list me@pve --output-format json; pveum user token permissions me@pve laptop --output-format json | cut -c 1-40
pveum acl delete / --users me@pve --roles Mine; pveum acl list | grep -c me@pve; pveum user token remove me@pve laptop; pveum user delete me@pve; pveum role modify Mine --privs VM.Audit; pveum role list --output-format json | grep -o '"VM.Audit","roleid":"Mine"'; pveum role delete Mine; pveum user list | grep -c me@pve`,
  );
  assert.equal(
    ran.out,
    '{"full-tokenid":"me@pve!laptop","info":{"privsep":"0"},V}\n[{"expire":0,"privsep":0,"tokenid":"laptop"}]\n' +
      '{"/":{"VM.Audit":1,"VM.PowerMgmt":1},"/a\n0\n"VM.Audit","roleid":"Mine"\n0\n',
  );
  assert.equal((await node.run("pveum user add root@pam")).code, 2);
  assert.equal(
    (await node.run("pveum user add")).err,
    "400 not enough arguments\npveum user add <userid> [OPTIONS]\n",
  );
  assert.equal((await node.run("pveum frob x")).err, "ERROR: unknown command 'pveum frob x'\n");
});

Deno.test("pveam and pvesm show templates and storages", async () => {
  await using node = await testNode();
  const appliance = "ubuntu-24.04-standard_24.04-2_amd64.tar.zst";
  assert.match(
    (await node.run("pveam available --section system")).out,
    /^system {10}alpine-3\.21[^\n]+ amd64\n/,
  );
  assert.match(
    (await node.run(`pveam download local ${appliance}; pveam list local`)).out,
    new RegExp(`downloading http://[^]*NAME {57}SIZE  \n[^]*local:vztmpl/${appliance} +132\\.00MB`),
  );
  assert.equal(
    (await node.run(`pveam remove local:vztmpl/${appliance}; pveam list local | grep -c ubuntu`))
      .out,
    "0\n",
  );
  assert.deepEqual(await node.run("pveam remove local:vztmpl/nosuch"), {
    code: 2,
    out: "",
    err: "volume 'local:vztmpl/nosuch' does not exist\n",
  });
  assert.equal((await node.run("pveam update")).out, "update successful\n");
  assert.match(
    (await node.run("pveam download local nosuch.tar.zst")).err,
    /^400 Parameter verification failed.\ntemplate: no such template\npveam download <storage> <template>\n$/,
  );
  assert.equal((await node.run("pveam list")).code, 255);
  assert.equal((await node.run("pveam frob")).err, "ERROR: unknown command 'pveam frob'\n");
  assert.match(
    (await node.run("pvesm status --content rootdir")).out,
    /^Name +Type +Status +Total \(KiB\) .*\nlocal-lvm +lvmthin +active +\d+ +\d+ +\d+ +\d+\.\d\d%\n$/,
  );
  assert.match(
    (await node.run("pvesm list local")).out,
    /^Volid +Format +Type +Size VMID\nlocal:vztmpl\/[^ ]+ +txz +vztmpl/,
  );
  assert.equal(
    (await node.run(`pvesm path ${TEMPLATE}; pvesm path local:snippets/a`)).out,
    `/var/lib/vz/template/cache/${TEMPLATE.split("/")[1]}\n/var/lib/vz/snippets/a\n`,
  );
  assert.match(
    (await node.run("pvesm free local:iso/nosuch.iso")).out,
    /does not exist\nRemoved volume 'local:iso\/nosuch.iso'\n$/,
  );
  assert.equal(
    (await node.run(`pvesm free ${TEMPLATE}; pvesm list local | grep -c debian-12`)).out.split("\n")
      .at(-2),
    "0",
  );
  assert.equal((await node.run("pvesm path nosuch")).err, "unable to parse volume ID 'nosuch'\n");
  assert.equal(
    (await node.run("pvesm list; pvesm frob")).err,
    "400 not enough arguments\npvesm list <storage> [OPTIONS]\nERROR: unknown command 'pvesm frob'\n",
  );
});

Deno.test("the node has a system of its own", async () => {
  const { pem, fingerprint } = await makeCertificate(["pve01"]);
  await using node = await testNode({ certificatePem: pem });
  const fingerprintLine = await node.run(
    "openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem",
  );
  assert.equal(fingerprintLine.out, `sha256 Fingerprint=${fingerprint}\n`);
  assert.match(
    (await node.run("openssl x509 -noout -fingerprint -in /etc/pve/local/pve-ssl.pem")).out,
    /^SHA1 Fingerprint=/,
  );
  assert.equal((await node.run("openssl x509 -noout -fingerprint -in /nosuch")).code, 1);
  assert.equal((await node.run("openssl version")).code, 1);
  assert.match(
    (await node.run("pveversion; pveversion -v | head -n 1; pvecm status | tail -n 1")).out,
    /^pve-manager\/9.*\nproxmox-ve: 9.*\nName: +demo\n$/,
  );
  assert.equal(
    (await node.run(
      "hostname; hostname -I; getent hosts pve02; getent passwd root; getent hosts nosuch; echo $?",
    )).out,
    "pve01\n10.77.0.11\n10.77.0.12      pve02\nroot:x:0:0:root:/root:/bin/bash\n2\n",
  );
  assert.match(
    (await node.run("cat /etc/pve/storage.cfg")).out,
    /^dir: local\n\tpath \/var\/lib\/vz\n\tcontent vztmpl/,
  );
  assert.deepEqual(await node.run("sudo -n true; echo $?"), {
    code: 0,
    out: "127\n",
    err: "bash: line 1: sudo: command not found\n",
  });
  assert.deepEqual(node.argvs.at(-1), ["/bin/bash", "-c", "sudo -n true; echo $?"]);
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

Deno.test("another user needs sudo for what is root's", async () => {
  const users = [{ name: "root" }, { name: "admin", sudo: true }, { name: "guest" }];
  await using node = await testNode({ users });
  await startContainer(node.cluster, 105);
  const as = (user: string, command: string) => node.run(command, "", user);
  assert.equal(
    (await as("admin", "id -un; pwd; sudo -n id -un; sudo -n pct list | wc -l")).out,
    "admin\n/home/admin\nroot\n2\n",
  );
  assert.deepEqual(await as("admin", "pct list"), {
    code: 255,
    out: "",
    err: "please run as root\n",
  });
  assert.match((await as("admin", "lxc-attach -n 105 -- true")).err, /Permission denied/);
  assert.equal(
    (await as(
      "admin",
      "sudo -n lxc-attach -n 105 --clear-env -- hostname; sudo -n -u guest A=1 sh -c 'id -un; echo $A'",
    )).out,
    "web\nguest\n1\n",
  );
  assert.deepEqual(await as("guest", "sudo -n true"), {
    code: 1,
    out: "",
    err: "sudo: a password is required\n",
  });
  assert.match(
    (await as("admin", "sudo -n nosuch; sudo -n -u nosuch true")).err,
    /nosuch: command not found\nsudo: unknown user nosuch\n/,
  );
});
