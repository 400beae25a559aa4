import assert from "node:assert/strict";
import { readAll, readSlice } from "./recordings.ts";
import { checkRequest, readSchema, readSchemaSlice, type Schema } from "./schema.ts";

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

function problems(params: Record<string, string>, schema: Schema = readSchema()): string[] {
  return checkRequest(schema, { ...CREATE, params: { ...GOOD, ...params } })
    .map((problem) => problem.replace("POST /nodes/pve01/lxc: ", ""));
}

for (const [name, schema] of [["whole", readSchema()], ["committed", readSchemaSlice()]] as const) {
  Deno.test(`checkRequest() finds nothing wrong with a good create, by the ${name} schema`, () => {
    assert.deepEqual(problems({}, schema), []);
  });

  Deno.test(`checkRequest() names what is wrong with a create, by the ${name} schema`, () => {
    assert.deepEqual(problems({ bogus: "1" }, schema), ["bogus is no parameter"]);
    assert.deepEqual(problems({ vmid: "12" }, schema), [
      "vmid is below 100: 12",
      "vmid is no pve-vmid: 12",
    ]);
    assert.deepEqual(problems({ memory: "lots" }, schema), ["memory is no integer: lots"]);
    assert.deepEqual(problems({ memory: "8" }, schema), ["memory is below 16: 8"]);
    assert.deepEqual(problems({ onboot: "true" }, schema), ["onboot is no boolean: true"]);
    assert.deepEqual(problems({ password: "abc" }, schema), ["password is shorter than 5: abc"]);
    assert.deepEqual(problems({ hostname: "no_dns" }, schema), ["hostname is no dns-name: no_dns"]);
    assert.deepEqual(problems({ tags: "a;b c!" }, schema), ["tags is no pve-tag-list: a;b c!"]);
    assert.deepEqual(problems({ net0: "bridge=vmbr0" }, schema), ["net0.name is missing"]);
    assert.deepEqual(problems({ net1: "name=e,ip=10.0.0.1" }, schema), [
      "net1.ip is no pve-ipv4-config: 10.0.0.1",
    ]);
    assert.deepEqual(problems({ mp1: "local:1,mp=/a/../b" }, schema), [
      "mp1.mp is no pve-lxc-mp-string: /a/../b",
    ]);
    assert.deepEqual(problems({ mp1: "local:1,mp=/a,mountoptions=exec" }, schema).length, 1);
    assert.deepEqual(problems({ features: "bogus=1" }, schema), ["features.bogus is no parameter"]);
    assert.deepEqual(problems({ features: "nesting=1,nesting=0" }, schema).length, 1);
    assert.deepEqual(problems({ unique: "1" }, schema), ["unique requires restore"]);
  });
}

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

Deno.test("checkRequest() agrees with a real node on which recorded requests are valid", () => {
  const schema = readSchema();
  for (const [name, { method, path, params, encoding, status, body }] of readAll() ?? readSlice()) {
    if (method === null || path === null || typeof params === "string" || encoding === null) {
      continue;
    }
    if (status === 401 || status === 501 || JSON.stringify(params).includes("[")) continue;
    const text = Object.entries(params ?? {}).map(([key, value]) =>
      [key, typeof value === "boolean" ? `${Number(value)}` : `${value}`] as const
    );
    const request = { method, path: path.split("?")[0] ?? "", params: Object.fromEntries(text) };
    // The schema at hand is a part of the whole.
    const found = checkRequest(schema, request).filter((line) =>
      !line.endsWith("no such endpoint")
    );
    if (status === 200) assert.deepEqual(found, [], name);
    else if (refusedBySchema(body)) assert.notDeepEqual(found, [], name);
  }
});

/** Whether a node refused parameters by the schema, not by what it knows besides. */
function refusedBySchema(body: unknown): boolean {
  return /property is|type check|invalid format|must have|must be|enumeration/
    .test(JSON.stringify(body ?? null));
}
