import assert from "node:assert/strict";
import { check, checkAny, checkGuest, may, permissionMap } from "./access.ts";
import type { Cluster } from "./cluster.ts";
import { placeCt } from "./ct/place.ts";
import { testCluster } from "../../tests/cluster.ts";

const USER = { user: "pxrun@pve" };
const TOKEN = { user: "pxrun@pve", token: "laptop" };

function cluster(
  ...acls: [path: string, who: string, role: string, propagate?: boolean][]
): Cluster {
  const cluster = testCluster();
  cluster.acls = acls.map(([path, who, role, propagate = true]) => ({
    path,
    who,
    role,
    propagate,
  }));
  return cluster;
}

Deno.test("may() lets root and its full token do everything, its separated token nothing", () => {
  const empty = cluster();
  const names = ["Sys.Modify", "VM.Allocate", "Permissions.Modify"];
  assert.ok(may(empty, { user: "root@pam" }, "/vms/100", names));
  assert.ok(may(empty, { user: "root@pam", token: "pxrun" }, "/vms/100", names));
  assert.equal(
    may(empty, { user: "root@pam", token: "separated" }, "/vms/100", ["VM.Audit"]),
    false,
  );
  assert.equal(may(empty, { user: "root@pam", token: "nosuch" }, "/vms/100", ["VM.Audit"]), false);
});

Deno.test("may() carries a role down, unless it does not propagate", () => {
  const down = cluster(["/vms", "pxrun@pve", "PVEVMUser"]);
  assert.ok(may(down, USER, "/vms/100", ["VM.PowerMgmt"]));
  const here = cluster(["/vms", "pxrun@pve", "PVEVMUser", false]);
  assert.ok(may(here, USER, "/vms", ["VM.PowerMgmt"]));
  assert.equal(may(here, USER, "/vms/100", ["VM.PowerMgmt"]), false);
});

Deno.test("may() lets a deeper role replace what came down", () => {
  const both = cluster(["/", "pxrun@pve", "PVEVMAdmin"], ["/vms/100", "pxrun@pve", "PVEAuditor"]);
  assert.equal(may(both, USER, "/vms/100", ["VM.Allocate"]), false);
  assert.ok(may(both, USER, "/vms/101", ["VM.Allocate"]));
  const closed = cluster(["/", "pxrun@pve", "PVEVMAdmin"], ["/vms/100", "pxrun@pve", "NoAccess"]);
  assert.equal(may(closed, USER, "/vms/100", ["VM.Audit"]), false);
});

Deno.test("may() gives a separated token what both it and its user have", () => {
  const user = cluster(["/", "pxrun@pve", "PVEVMAdmin"]);
  assert.equal(may(user, TOKEN, "/vms/100", ["VM.Audit"]), false);
  const both = cluster(["/", "pxrun@pve", "PVEVMAdmin"], ["/", "pxrun@pve!laptop", "PVEAuditor"]);
  assert.ok(may(both, TOKEN, "/vms/100", ["VM.Audit"]));
  assert.equal(may(both, TOKEN, "/vms/100", ["VM.Allocate"]), false);
  assert.equal(may(both, TOKEN, "/", ["Sys.Audit"]), false);
});

Deno.test("may() gives the members of a pool its roles, but not against NoAccess", () => {
  const pool = cluster(["/pool/dev", "pool@pve", "PVEVMAdmin"]);
  const who = { user: "pool@pve", token: "ci" };
  placeCt(pool, { vmid: 100, node: "pve01", pool: "dev" });
  placeCt(pool, { vmid: 101, node: "pve01" });
  pool.pools.get("dev")?.storages.add("local");
  assert.ok(may(pool, who, "/vms/100", ["VM.Allocate"]));
  assert.equal(may(pool, who, "/vms/101", ["VM.Allocate"]), false);
  pool.acls.push({ path: "/vms/100", who: "pool@pve", role: "NoAccess", propagate: true });
  assert.equal(may(pool, who, "/vms/100", ["VM.Allocate"]), false);
  assert.ok(may(pool, who, "/storage/local", ["VM.Audit"]));
});

Deno.test("check() names the path and the first missing privilege", () => {
  const user = cluster(["/", "pxrun@pve", "PVEVMUser"]);
  const refusal = (what: string) => ({ status: 403, message: `Permission check failed (${what})` });
  const names = ["VM.Audit", "VM.Allocate"];
  assert.throws(() => check(user, USER, "/vms/100", names), refusal("/vms/100, VM.Allocate"));
  const any = ["Datastore.Audit", "Datastore.AllocateSpace"];
  assert.throws(
    () => checkAny(user, USER, "/storage/local", any),
    refusal("/storage/local, Datastore.Audit|Datastore.AllocateSpace"),
  );
  checkAny(user, USER, "/vms/100", names);
});

Deno.test("checkGuest() lets the pool of a new guest stand for it", () => {
  const pool = cluster(["/pool/dev", "pool@pve", "PVEVMAdmin"]);
  const who = { user: "pool@pve" };
  checkGuest(pool, who, 100, "dev", ["VM.Config.CPU"]);
  assert.throws(() => checkGuest(pool, who, 100, undefined, ["VM.Config.CPU"]), { status: 403 });
});

Deno.test("permissionMap() lists only paths with rights, and whether they reach further down", () => {
  const user = cluster(["/vms/100", "pxrun@pve", "PVETemplateUser", false]);
  assert.deepEqual(permissionMap(user, USER), { "/vms/100": { "VM.Audit": 0, "VM.Clone": 0 } });
  assert.deepEqual(permissionMap(user, TOKEN), {});
});
