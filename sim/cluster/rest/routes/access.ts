import { check, permissionMap, privileges } from "../../state/access.ts";
import type { Cluster } from "../../state/cluster.ts";
import type { Who } from "../../state/who.ts";
import { PveError } from "../../state/error.ts";
import { authId, parseAuthId } from "../../state/who.ts";
import { answersChallenge, issueChallenge, issueTicket, passwordMatches } from "../login.ts";
import type { Params, Route } from "../route.ts";

const TEXT = { type: "string", optional: true } as const;

/** /access/permissions and /access/ticket. */
export const ACCESS: readonly Route[] = [
  {
    method: "GET",
    path: "/access/permissions",
    params: { path: TEXT, userid: { ...TEXT, pattern: /^[^\s:/]+@[\w.-]+(![\w.-]+)?$/ } },
    handle: ({ cluster, who, params }) => {
      const whom = params["userid"] === undefined ? who : parseAuthId(params["userid"]);
      if (whom.user !== who.user || (who.token !== undefined && authId(whom) !== authId(who))) {
        check(cluster, who, "/access", ["Sys.Audit"]);
      }
      const path = params["path"];
      if (path === undefined) return permissionMap(cluster, whom);
      const has = Array.from(
        privileges(cluster, whom, path),
        ([name, down]) => [name, Number(down)],
      );
      return { [path]: Object.fromEntries(has) };
    },
  },
  {
    method: "POST",
    path: "/access/ticket",
    open: true,
    params: {
      username: { type: "string", maxLength: 64 },
      password: { type: "string" },
      realm: { ...TEXT, maxLength: 32 },
      otp: TEXT,
      path: TEXT,
      privs: TEXT,
      "new-format": { type: "boolean", optional: true },
      "tfa-challenge": TEXT,
    },
    handle: ({ cluster, params }) => logIn(cluster, params),
  },
];

function logIn(cluster: Cluster, params: Params): unknown {
  const { username = "", password = "", realm } = params;
  const user = username.includes("@") || realm === undefined ? username : `${username}@${realm}`;
  const challenge = params["tfa-challenge"];
  const accepted = challenge === undefined
    ? passwordMatches(cluster, user, password)
    : answersChallenge(cluster, user, challenge, password);
  if (!accepted) throw new PveError(401, "authentication failure");
  const { totp } = cluster.users.get(user) ?? {};
  // A ticket in place of the password stands for the second factor as well.
  if (totp !== undefined && challenge === undefined && !password.startsWith("PVE:")) {
    return { username: user, NeedTFA: 1, cap: {}, ...issueChallenge(cluster) };
  }
  const { ticket, csrf } = issueTicket(cluster, user);
  return {
    username: user,
    ticket,
    CSRFPreventionToken: csrf,
    cap: capabilities(cluster, { user }),
    ...(cluster.name === undefined ? {} : { clustername: cluster.name }),
  };
}

/** Which privileges a user has anywhere in each subtree, as a ticket carries them. */
function capabilities(cluster: Cluster, who: Who): Record<string, Record<string, 1>> {
  const subtrees: Record<string, RegExp> = {
    access: /^(User|Group)\.|^Permissions\.Modify$/,
    dc: /^Sys\.(Audit|Modify)$|^SDN\./,
    mapping: /^Mapping\.|^Permissions\.Modify$/,
    nodes: /^Sys\.|^Permissions\.Modify$/,
    sdn: /^SDN\.|^Permissions\.Modify$/,
    storage: /^Datastore\.|^Permissions\.Modify$/,
    vms: /^VM\.|^Permissions\.Modify$/,
  };
  const map = permissionMap(cluster, who);
  return Object.fromEntries(
    Object.entries(subtrees).map(([subtree, names]) => {
      const own = Object.entries(map).filter(([path]) => {
        const top = path.split("/")[1] || "dc";
        return top === subtree || (top === "pool" && (subtree === "vms" || subtree === "storage"));
      });
      const has = own.flatMap(([, privileges]) => Object.keys(privileges))
        .filter((name) => names.test(name));
      return [subtree, Object.fromEntries(has.map((name) => [name, 1]))];
    }),
  );
}
