import assert from "node:assert/strict";
import type { Who } from "../state/who.ts";
import { may } from "../state/access.ts";
import { testCluster } from "../../tests/cluster.ts";
import { callApi } from "./call.ts";
import type { Method, Params } from "./route.ts";

const ROOT = { user: "root@pam" };

Deno.test("roles, users, tokens and rights can be made, used and taken away", async () => {
  const cluster = testCluster();
  const call = (method: Method, path: string, params: Params = {}, who: Who = ROOT) =>
    callApi(cluster, who, method, path, params);
  await call("POST", "/access/roles", { roleid: "Starter", privs: "VM.Audit,VM.PowerMgmt" });
  await call("POST", "/access/users", { userid: "new@pve" });
  const token = Object(await call("POST", "/access/users/new@pve/token/laptop", { expire: "9" }));
  assert.equal(token["full-tokenid"], "new@pve!laptop");
  const acl = { path: "/vms", roles: "Starter", users: "new@pve", tokens: "new@pve!laptop" };
  await call("PUT", "/access/acl", acl);
  const who = { user: "new@pve", token: "laptop" };
  assert.ok(may(cluster, who, "/vms/100", ["VM.PowerMgmt"]));
  assert.deepEqual(Object(await call("GET", "/access/permissions", {}, who))["/vms"], {
    "VM.Audit": 1,
    "VM.PowerMgmt": 1,
  });
  await call("PUT", "/access/roles/Starter", { privs: "VM.Audit" });
  assert.equal(may(cluster, who, "/vms/100", ["VM.PowerMgmt"]), false);
  await call("PUT", "/access/roles/Starter", { privs: "VM.Clone", append: "1" });
  assert.ok(may(cluster, who, "/vms/100", ["VM.Clone", "VM.Audit"]));
  await call("PUT", "/access/acl", { ...acl, delete: "1" });
  assert.equal(may(cluster, who, "/vms/100", ["VM.Audit"]), false);
  await call("DELETE", "/access/users/new@pve/token/laptop");
  await call("DELETE", "/access/users/new@pve");
  await call("DELETE", "/access/roles/Starter");
  assert.equal(cluster.users.has("new@pve"), false);
});

Deno.test("what is there twice, or not at all, is refused in Proxmox's words", async () => {
  const cluster = testCluster();
  const refused = (method: Method, path: string, params: Params, message: string) =>
    assert.rejects(callApi(cluster, ROOT, method, path, params), { message });
  await refused(
    "POST",
    "/access/roles",
    { roleid: "PxrunUser" },
    "create role failed: role 'PxrunUser' already exists",
  );
  await refused(
    "POST",
    "/access/users",
    { userid: "pxrun@pve" },
    "create user failed: user 'pxrun@pve' already exists",
  );
  await refused(
    "DELETE",
    "/access/users/root@pam/token/nosuch",
    {},
    "no such token 'nosuch' for user 'root@pam'",
  );
  await refused(
    "PUT",
    "/access/acl",
    { path: "/", roles: "Nosuch", users: "root@pam" },
    "role 'Nosuch' does not exist",
  );
  await refused(
    "PUT",
    "/access/acl",
    { path: "/", roles: "NoAccess", users: "x@pve" },
    "user 'x@pve' does not exist",
  );
  await assert.rejects(
    callApi(cluster, ROOT, "POST", "/access/users/root@pam/token/pxrun"),
    { errors: { tokenid: "Token already exists." } },
  );
  await assert.rejects(
    callApi(cluster, ROOT, "POST", "/access/roles", { roleid: "Bad", privs: "VM.Monitor" }),
    { errors: { privs: "invalid format - invalid privilege 'VM.Monitor'\n" } },
  );
});

Deno.test("accounts are changed by who has the right, permissions of others read by auditors", async () => {
  const cluster = testCluster();
  const call = (user: string, method: Method, path: string, params: Params = {}) =>
    callApi(cluster, { user }, method, path, params);
  await assert.rejects(call("pxrun@pve", "POST", "/access/roles", { roleid: "X1" }), {
    status: 403,
  });
  await assert.rejects(
    call("pxrun@pve", "PUT", "/access/acl", { path: "/", roles: "PVEAdmin", users: "pxrun@pve" }),
    { status: 403 },
  );
  assert.ok(await call("pxrun@pve", "POST", "/access/users/pxrun@pve/token/second"));
  const userid = { userid: "pxrun@pve" };
  assert.ok(await call("audit@pve", "GET", "/access/permissions", userid));
  await assert.rejects(call("none@pve", "GET", "/access/permissions", userid), { status: 403 });
  const own = await call("none@pve", "GET", "/access/users");
  assert.deepEqual(Object(own).map(({ userid }: { userid: string }) => userid), ["none@pve"]);
});

Deno.test("the tag policy is set and taken back", async () => {
  const cluster = testCluster();
  const put = (params: Params) => callApi(cluster, ROOT, "PUT", "/cluster/options", params);
  await put({
    "user-tag-access": "user-allow=list,user-allow-list=a;b",
    "registered-tags": "prod",
  });
  const { userAllowTags, userAllowList, registeredTags } = cluster.options;
  assert.deepEqual([userAllowTags, userAllowList, registeredTags], ["list", ["a", "b"], ["prod"]]);
  await put({ delete: "user-tag-access,registered-tags" });
  assert.deepEqual([cluster.options.userAllowTags, cluster.options.registeredTags], ["free", []]);
  await assert.rejects(callApi(cluster, { user: "pxrun@pve" }, "PUT", "/cluster/options"), {
    message: "Permission check failed (/, Sys.Modify)",
  });
});
