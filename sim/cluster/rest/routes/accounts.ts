import { check, may } from "../../state/access.ts";
import type { Cluster, Token } from "../../state/cluster.ts";
import { failed, forbidden, invalid } from "../../state/error.ts";
import { splitList } from "../../state/property.ts";
import { parseAuthId } from "../../state/who.ts";
import type { Call, Route } from "../route.ts";

const TEXT = { type: "string", optional: true } as const;
const FLAG = { type: "boolean", optional: true } as const;
const EXPIRE = { type: "integer", optional: true, min: 0 } as const;
const USERS = { path: "/access/groups", privileges: ["User.Modify"] };
const ROLES = { path: "/access", privileges: ["Sys.Modify"] };

/** /access: roles, users, their tokens and the access control list. */
export const ACCOUNTS: readonly Route[] = [
  {
    method: "GET",
    path: "/access/roles",
    handle: ({ cluster }) =>
      Array.from(cluster.roles, ([roleid, privs]) => ({
        roleid,
        privs: [...privs].sort().join(","),
        special: Number(/^(PVE|Administrator$|NoAccess$)/.test(roleid)),
      })),
  },
  {
    method: "POST",
    path: "/access/roles",
    right: ROLES,
    params: { roleid: { type: "string" }, privs: TEXT },
    handle: ({ cluster, params }) => {
      const { roleid = "", privs } = params;
      if (cluster.roles.has(roleid)) {
        throw failed(`create role failed: role '${roleid}' already exists`);
      }
      cluster.roles.set(roleid, new Set(knownPrivileges(cluster, privs)));
    },
  },
  {
    method: "PUT",
    path: "/access/roles/{roleid}",
    right: ROLES,
    params: { privs: TEXT, append: FLAG },
    handle: ({ cluster, at, params }) => {
      const old = cluster.roles.get(at["roleid"] ?? "");
      if (!old) throw failed(`modify role failed: role '${at["roleid"]}' does not exist`);
      const kept = params["append"] === "1" ? old : [];
      const fresh = knownPrivileges(cluster, params["privs"]);
      cluster.roles.set(at["roleid"] ?? "", new Set([...kept, ...fresh]));
    },
  },
  {
    method: "DELETE",
    path: "/access/roles/{roleid}",
    right: ROLES,
    handle: ({ cluster, at }) => {
      const role = at["roleid"] ?? "";
      if (!cluster.roles.delete(role)) {
        throw failed(`delete role failed: role '${role}' does not exist`);
      }
      cluster.acls = cluster.acls.filter((acl) => acl.role !== role);
    },
  },
  {
    method: "GET",
    path: "/access/users",
    params: { enabled: FLAG, full: FLAG },
    handle: ({ cluster, who }) =>
      [...cluster.users.values()]
        .filter(({ id }) => id === who.user || may(cluster, who, "/access/groups", ["Sys.Audit"]))
        .map(({ id, enabled, expire }) => ({
          userid: id,
          enable: Number(enabled),
          expire,
          "realm-type": id.split("@")[1],
        })),
  },
  {
    method: "POST",
    path: "/access/users",
    right: USERS,
    params: {
      userid: { type: "string", format: "pve-userid", maxLength: 64 },
      password: { ...TEXT, minLength: 8, maxLength: 64 },
      comment: TEXT,
      enable: FLAG,
      expire: EXPIRE,
    },
    handle: ({ cluster, params }) => {
      const { userid: id = "", password, enable, expire = "0" } = params;
      if (cluster.users.has(id)) throw failed(`create user failed: user '${id}' already exists`);
      cluster.users.set(id, {
        id,
        ...(password === undefined ? {} : { password }),
        enabled: enable !== "0",
        expire: Number(expire),
      });
    },
  },
  {
    method: "DELETE",
    path: "/access/users/{userid}",
    right: USERS,
    handle: ({ cluster, at }) => {
      const id = at["userid"] ?? "";
      if (!cluster.users.delete(id)) throw failed(`delete user failed: no such user ('${id}')`);
      for (const token of tokensOf(cluster, id)) cluster.tokens.delete(token.id);
      cluster.acls = cluster.acls.filter((acl) => parseAuthId(acl.who).user !== id);
    },
  },
  {
    method: "GET",
    path: "/access/users/{userid}/token",
    handle: (call) => tokensOf(call.cluster, owner(call)).map(tokenView),
  },
  {
    method: "POST",
    path: "/access/users/{userid}/token/{tokenid}",
    params: { privsep: FLAG, expire: EXPIRE, comment: TEXT },
    handle: addToken,
  },
  {
    method: "DELETE",
    path: "/access/users/{userid}/token/{tokenid}",
    handle: (call) => {
      const { cluster, at } = call;
      const id = `${owner(call)}!${at["tokenid"]}`;
      if (!cluster.tokens.delete(id)) {
        throw failed(`no such token '${at["tokenid"]}' for user '${at["userid"]}'`);
      }
      cluster.acls = cluster.acls.filter((acl) => acl.who !== id);
    },
  },
  {
    method: "GET",
    path: "/access/acl",
    handle: ({ cluster, who }) =>
      cluster.acls.filter(({ path }) => may(cluster, who, path, ["Permissions.Modify"]))
        .map(({ path, who, role, propagate }) => ({
          path,
          ugid: who,
          roleid: role,
          propagate: Number(propagate),
          type: who.includes("!") ? "token" : "user",
        })),
  },
  {
    method: "PUT",
    path: "/access/acl",
    params: {
      path: { type: "string" },
      roles: { type: "string" },
      users: TEXT,
      tokens: TEXT,
      groups: TEXT,
      propagate: FLAG,
      delete: FLAG,
    },
    handle: changeAcl,
  },
];

/** The user of the path, for who is that user or may change users. */
function owner({ cluster, who, at }: Call): string {
  const id = at["userid"] ?? "";
  if (who.user !== id || who.token !== undefined) {
    check(cluster, who, "/access/groups", ["User.Modify"]);
  }
  if (!cluster.users.has(id)) throw failed(`no such user ('${id}')`);
  return id;
}

function tokensOf(cluster: Cluster, user: string): Token[] {
  return [...cluster.tokens.values()].filter(({ id }) => parseAuthId(id).user === user);
}

function tokenView({ id, privsep, expire, comment }: Token): Record<string, unknown> {
  const tokenid = parseAuthId(id).token;
  return {
    tokenid,
    privsep: Number(privsep),
    expire,
    ...(comment === undefined ? {} : { comment }),
  };
}

function addToken(call: Call): unknown {
  const { cluster, at, params } = call;
  const { privsep = "1", expire, comment } = params;
  const id = `${owner(call)}!${at["tokenid"]}`;
  if (cluster.tokens.has(id)) throw invalid({ tokenid: "Token already exists." });
  const secret = crypto.randomUUID();
  cluster.tokens.set(id, {
    id,
    secret,
    privsep: privsep === "1",
    expire: Number(expire ?? 0),
    ...(comment === undefined ? {} : { comment }),
  });
  return { "full-tokenid": id, value: secret, info: { privsep, ...(expire ? { expire } : {}) } };
}

function knownPrivileges(cluster: Cluster, text: string | undefined): string[] {
  const names = splitList(text);
  const unknown = names.find((name) => !cluster.roles.get("Administrator")?.has(name));
  if (unknown !== undefined) {
    throw invalid({ privs: `invalid format - invalid privilege '${unknown}'\n` });
  }
  return names;
}

function changeAcl({ cluster, who, params }: Call): void {
  const { path = "/", propagate } = params;
  if (!may(cluster, who, path, ["Permissions.Modify"])) {
    throw forbidden(`${path}, Permissions.Modify`);
  }
  for (const role of splitList(params["roles"])) {
    if (!cluster.roles.has(role)) throw failed(`role '${role}' does not exist`);
    for (const id of [...splitList(params["users"]), ...splitList(params["tokens"])]) {
      if (!cluster.users.has(id) && !cluster.tokens.has(id)) {
        throw failed(id.includes("!") ? `no such token '${id}'` : `user '${id}' does not exist`);
      }
      cluster.acls = cluster.acls
        .filter((acl) => !(acl.path === path && acl.who === id && acl.role === role));
      if (params["delete"] !== "1") {
        cluster.acls.push({ path, who: id, role, propagate: propagate !== "0" });
      }
    }
  }
}
