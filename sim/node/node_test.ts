import assert from "node:assert/strict";
import { makeCertificate } from "../certificate.ts";
import { eventually } from "../tests/unix.ts";
import type { Cluster } from "../cluster/state/cluster.ts";
import { startContainer, testNode } from "../tests/node.ts";

const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

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

/** Whether there is a task, and none that has not ended. */
const ended = ({ tasks }: Cluster): boolean =>
  tasks.size > 0 && [...tasks.values()].every((task) => task.exitstatus !== undefined);

const PVESH_CREATE =
  `pvesh create /nodes/pve01/lxc --vmid 108 --ostemplate ${TEMPLATE} --rootfs local-lvm:1`;

const KILL_PVESH = "kill $(ps ax | sed -n 's/ ? S 00:00:00 [p]vesh create.*//p')";

Deno.test("a killed pvesh ends its task", async () => {
  await using node = await testNode();
  const { cluster } = node;
  cluster.timings = { ...cluster.timings, createMs: 1_000_000 };
  const running = node.run(PVESH_CREATE);
  await eventually(() => cluster.tasks.size > 0);
  await node.run(KILL_PVESH);
  assert.equal((await running).code, 143);
  await eventually(() => ended(cluster));
  assert.equal(cluster.cts.has(108), false);
});

Deno.test("a pvesh that is killed before its task has begun ends it all the same", async () => {
  await using node = await testNode();
  const { cluster } = node;
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const raceMs = 7;
  cluster.timings = { ...cluster.timings, createMs: 1_000_000, raceMs };
  const { clock } = cluster;
  const sleep: typeof clock.sleep = (ms, signal) => {
    if (ms !== raceMs) return clock.sleep(ms, signal);
    begun.resolve();
    return goOn.promise;
  };
  Object.assign(cluster, { clock: { ...clock, sleep } });
  const running = node.run(PVESH_CREATE);
  await begun.promise;
  await node.run(KILL_PVESH);
  goOn.resolve();
  assert.equal((await running).code, 143);
  await eventually(() => ended(cluster));
  assert.equal(cluster.cts.has(108), false);
});

Deno.test("pveum makes pools, and removes those that hold nothing", async () => {
  await using node = await testNode();
  assert.deepEqual(await node.run("pveum pool add web --comment sites; pveum pool add bare"), {
    code: 0,
    out: "",
    err: "",
  });
  const { out } = await node.run("pveum pool list --output-format json");
  assert.ok(out.includes('{"comment":"sites","poolid":"web"}'), out);
  assert.deepEqual(await node.run("pveum pool add web"), {
    code: 255,
    out: "",
    err: "create pool failed: pool 'web' already exists\n",
  });
  node.cluster.pools.get("web")?.storages.add("local");
  assert.equal(
    (await node.run("pveum pool delete web")).err,
    "delete pool failed: pool 'web' is not empty (contains storage local)\n",
  );
  node.cluster.pools.get("web")?.storages.clear();
  assert.equal((await node.run("pveum pool delete web; pveum pool delete bare")).code, 0);
  assert.equal(
    (await node.run("pveum pool delete web")).err,
    "delete pool failed: pool 'web' does not exist\n",
  );
});

Deno.test("pveum manages users, tokens, roles and rights", async () => {
  await using node = await testNode();
  const ran = await node.run(
    `pveum role add Mine --privs 'VM.Audit,VM.PowerMgmt'; pveum user add me@pve --comment x; pveum acl modify / --users me@pve --roles Mine
pveum user token add me@pve laptop --privsep 0 --output-format json | sed 's/"value":"[^"]*"/V/'; pveum user token list me@pve --output-format json; pveum user token permissions me@pve laptop --output-format json | head -c 40
pveum acl delete / --users me@pve --roles Mine; pveum acl list | grep -c me@pve; pveum user token remove me@pve laptop; pveum user delete me@pve; pveum role modify Mine --privs VM.Audit; pveum role list --output-format json | grep -o '"VM.Audit","roleid":"Mine"'; pveum role delete Mine; pveum user list | grep -c me@pve`,
  );
  assert.equal(
    ran.out,
    '{"full-tokenid":"me@pve!laptop","info":{"privsep":"0"},V}\n[{"expire":0,"privsep":0,"tokenid":"laptop"}]\n' +
      '{"/":{"VM.Audit":1,"VM.PowerMgmt":1},"/a0\n"VM.Audit","roleid":"Mine"\n0\n',
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
      .out.split("\n").at(-2),
    "0",
  );
  assert.deepEqual(await node.run("pveam remove local:vztmpl/nosuch"), {
    code: 2,
    out: "",
    err: "volume 'local:vztmpl/nosuch' does not exist\n",
  });
  const index = "/var/lib/pve-manager/apl-info/download.proxmox.com";
  assert.equal((await node.run(`rm ${index}`)).code, 0);
  assert.equal((await node.run("pveam update")).out, "update successful\n");
  assert.match((await node.run(`stat -c %Y ${index}`)).out, /^\d+\n$/);
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
