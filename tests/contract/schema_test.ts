import assert from "node:assert/strict";
import { readRecordings } from "./recordings.ts";
import { checkRequest, readSchema } from "./schema.ts";

const CREATE = { method: "POST", path: "/nodes/pve01/lxc" };
const GOOD = {
  vmid: "105",
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  hostname: "web",
  rootfs: "local-lvm:10",
  net0: "name=eth0,bridge=vmbr0,ip=dhcp",
  mp0: "local-lvm:8,mp=/var/lib/app,backup=1",
  features: "nesting=1",
  unprivileged: "1",
  tags: "dev;web",
};

function problems(params: Record<string, string>): string[] {
  return checkRequest(readSchema(), { ...CREATE, params: { ...GOOD, ...params } })
    .map((problem) => problem.replace("POST /nodes/pve01/lxc: ", ""));
}

Deno.test("checkRequest() finds nothing wrong with a good create", () => {
  assert.deepEqual(problems({}), []);
});

Deno.test("checkRequest() names what is wrong with a create", () => {
  assert.deepEqual(problems({ bogus: "1" }), ["bogus is no parameter"]);
  assert.deepEqual(problems({ vmid: "12" }), [
    "vmid is below 100: 12",
    "vmid is no pve-vmid: 12",
  ]);
  assert.deepEqual(problems({ memory: "lots" }), ["memory is no integer: lots"]);
  assert.deepEqual(problems({ memory: "8" }), ["memory is below 16: 8"]);
  assert.deepEqual(problems({ onboot: "true" }), ["onboot is no boolean: true"]);
  assert.deepEqual(problems({ password: "abc" }), ["password is shorter than 5: abc"]);
  assert.deepEqual(problems({ hostname: "no_dns" }), ["hostname is no dns-name: no_dns"]);
  assert.deepEqual(problems({ tags: "a;b c!" }), ["tags is no pve-tag-list: a;b c!"]);
  assert.deepEqual(problems({ net0: "bridge=vmbr0" }), ["net0.name is missing"]);
  assert.deepEqual(problems({ net1: "name=e,ip=10.0.0.1" }), [
    "net1.ip is no pve-ipv4-config: 10.0.0.1",
  ]);
  assert.deepEqual(problems({ mp1: "local:1,mp=/a/../b" }), [
    "mp1.mp is no pve-lxc-mp-string: /a/../b",
  ]);
  assert.deepEqual(problems({ mp1: "local:1,mp=/a,mountoptions=exec" }).length, 1);
  assert.deepEqual(problems({ features: "bogus=1" }), ["features.bogus is no parameter"]);
  assert.deepEqual(problems({ features: "nesting=1,nesting=0" }).length, 1);
  assert.deepEqual(problems({ unique: "1" }), ["unique requires restore"]);
});

Deno.test("checkRequest() wants what is required, in the path too", () => {
  const { vmid: _vmid, ...rest } = GOOD;
  assert.deepEqual(checkRequest(readSchema(), { ...CREATE, params: rest }), [
    "POST /nodes/pve01/lxc: vmid is missing",
  ]);
  const path = "/nodes/pve01/lxc/web/config";
  assert.equal(checkRequest(readSchema(), { method: "GET", path, params: {} }).length, 1);
});

Deno.test("checkRequest() knows paths by their methods", () => {
  const check = (method: string, path: string) =>
    checkRequest(readSchema(), { method, path, params: {} });
  const volume = "local%3Avztmpl%2Fdebian.tar.zst";
  assert.deepEqual(check("DELETE", `/nodes/pve01/storage/local/content/${volume}`), []);
  assert.deepEqual(check("GET", "/nodes/pve01/tasks/UPID%3Apve01%3A1/status"), []);
  assert.deepEqual(check("GET", "/nosuch"), ["GET /nosuch: no such endpoint"]);
  assert.deepEqual(check("POST", "/version"), ["POST /version: no such endpoint"]);
});

/** What a node refuses by formats of its own, beyond the schema. */
const UNSEEN: ReadonlySet<string> = new Set([
  "config: running: timezone bad",
  "config: stopped: timezone bad",
  "resize: no disk",
  "vzdump: no vmid",
  "vzdump: prunebackups preview keep-bogus=1",
  "move: volume that is not there",
]);

for (const set of ["session", "day2"] as const) {
  Deno.test(`checkRequest() agrees with a real node on which recorded requests are valid (${set})`, () => {
    const schema = readSchema();
    const unseen = new Set<string>();
    for (const [name, { method, path, params, encoding, status, body }] of readRecordings(set)) {
      if (method === null || path === null || typeof params === "string" || encoding === null) {
        continue;
      }
      if (status === 401 || status === 501 || JSON.stringify(params).includes("[")) continue;
      const named = Object.entries(params ?? {}).filter(([key]) => key !== "(bytes)");
      const text = named.map(([key, value]) =>
        [key, typeof value === "boolean" ? `${Number(value)}` : `${value}`] as const
      );
      const request = { method, path: path.split("?")[0] ?? "", params: Object.fromEntries(text) };
      const found = checkRequest(schema, request);
      if (status === 200) assert.deepEqual(found, [], name);
      else if (refusedBySchema(body)) {
        if (UNSEEN.has(name)) unseen.add(name);
        else assert.notDeepEqual(found, [], name);
      }
    }
    if (set === "day2") assert.deepEqual(unseen, UNSEEN, "each is recorded, and refused");
  });
}

/** Whether a node refused parameters by the schema, not by what it knows besides. */
function refusedBySchema(body: unknown): boolean {
  return /property is|type check|invalid format|must have|must be|enumeration/
    .test(JSON.stringify(body ?? null));
}
