import type { NodeCommand } from "../actions/node_command.ts";
import { commandLine } from "../core/argv.ts";
import { type Scope, scopePaths } from "./scope.ts";

/** pxrun's own role. */
export const ROLE = "PxrunUser";

/** The user that all its tokens belong to. */
export const USER = "pxrun@pve";

/** Everything that pxrun can do with a token, and no more. */
export const PRIVILEGES: readonly string[] =
  ("VM.Allocate VM.Audit VM.PowerMgmt VM.Config.CPU VM.Config.Memory VM.Config.Disk " +
    "VM.Config.Network VM.Config.Options VM.Snapshot VM.Snapshot.Rollback VM.Clone " +
    "Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit SDN.Use Pool.Audit " +
    "Sys.Audit").split(" ");

/** What somebody is to have on the cluster. */
export interface Wish {
  /** Without the user. */
  readonly tokenName: string;
  readonly scope: Scope;
}

/** An entry of the access control list. */
export interface AclEntry {
  readonly path: string;
  /** A user or a token. */
  readonly who: string;
  readonly role: string;
}

/** What there is already, as far as it concerns pxrun. */
export interface Existing {
  /** The privileges that this version of Proxmox knows. */
  readonly known: ReadonlySet<string>;
  /** Those of the role; undefined where it is not there. */
  readonly role: ReadonlySet<string> | undefined;
  readonly hasUser: boolean;
  /** Names of the user's tokens. */
  readonly tokens: readonly string[];
  readonly acls: readonly AclEntry[];
  readonly pools: readonly string[];
}

/** A cluster that pxrun has never been on. */
export const NOTHING: Existing = {
  known: new Set(PRIVILEGES),
  role: undefined,
  hasUser: false,
  tokens: [],
  acls: [],
  pools: [],
};

/** The full id of a token of pxrun's user. */
export function tokenId({ tokenName }: Pick<Wish, "tokenName">): string {
  return `${USER}!${tokenName}`;
}

/**
 * The changes that lead from what there is to what is wished, in their order. Rights that
 * others have given are left; only this token's own are held to the scope.
 *
 * @param keepsToken Whether the token of that name can go on being used.
 */
export function setupActions(wish: Wish, existing: Existing, keepsToken: boolean): NodeCommand[] {
  const { tokenName, scope } = wish;
  const token = tokenId(wish);
  const paths = scopePaths(scope);
  const has = (path: string, who: string): boolean =>
    existing.acls.some((acl) => acl.path === path && acl.who === who && acl.role === ROLE);
  const grants = paths.flatMap((path): NodeCommand[] => {
    const user = has(path, USER) ? [] : ["--users", USER];
    const own = keepsToken && has(path, token) ? [] : ["--tokens", token];
    if (user.length + own.length === 0) return [];
    const rights = [path, ...user, ...own, "--roles", ROLE];
    return [{
      kind: "node-command" as const,
      id: `grant:${path}`,
      title: `grant the role on ${path}`,
      argv: ["pveum", "acl", "modify", ...rights],
      undo: ["pveum", "acl", "delete", ...rights],
    }];
  });
  const stale = existing.acls.filter(({ path, who, role }) =>
    keepsToken && who === token && role === ROLE && !paths.includes(path)
  );
  const there = existing.tokens.includes(tokenName);
  return [
    ...roleSteps(existing),
    ...(existing.hasUser ? [] : [{
      kind: "node-command" as const,
      id: "user",
      title: `make the user ${USER}, without a password`,
      argv: ["pveum", "user", "add", USER, "--comment", "pxrun"],
      undo: ["pveum", "user", "delete", USER],
    }]),
    ...(scope.pool === undefined || existing.pools.includes(scope.pool) ? [] : [{
      kind: "node-command" as const,
      id: "pool",
      title: `make the pool ${scope.pool}`,
      argv: ["pveum", "pool", "add", scope.pool],
      undo: ["pveum", "pool", "delete", scope.pool],
    }]),
    ...(there && !keepsToken
      ? [{
        kind: "node-command" as const,
        id: "remove-token",
        title: `remove the token ${token}, whose secret is not in the config`,
        argv: ["pveum", "user", "token", "remove", USER, tokenName],
      }]
      : []),
    ...(keepsToken ? [] : [{
      kind: "node-command" as const,
      id: "token",
      title: `make the token ${token}`,
      argv: ["pveum", "user", "token", "add", USER, tokenName, "--privsep", "1"],
      undo: ["pveum", "user", "token", "remove", USER, tokenName],
      makesToken: true as const,
    }]),
    ...grants,
    ...stale.map(({ path }) => ({
      kind: "node-command" as const,
      id: `revoke:${path}`,
      title: `take the rights of ${token} on ${path}`,
      argv: ["pveum", "acl", "delete", path, "--tokens", token, "--roles", ROLE],
      undo: ["pveum", "acl", "modify", path, "--tokens", token, "--roles", ROLE],
    })),
  ];
}

/** A role that is there gets what it lacks, and keeps what an administrator has added. */
function roleSteps({ known, role }: Existing): NodeCommand[] {
  const wanted = PRIVILEGES.filter((privilege) => known.has(privilege));
  if (role === undefined) {
    return [{
      kind: "node-command" as const,
      id: "role",
      title: `make the role ${ROLE} with ${wanted.length} privileges`,
      argv: ["pveum", "role", "add", ROLE, "--privs", wanted.join(",")],
      undo: ["pveum", "role", "delete", ROLE],
    }];
  }
  const missing = wanted.filter((privilege) => !role.has(privilege));
  return missing.length === 0 ? [] : [{
    kind: "node-command" as const,
    id: "role",
    title: `add ${missing.join(", ")} to the role ${ROLE}`,
    argv: ["pveum", "role", "modify", ROLE, "--append", "1", "--privs", missing.join(",")],
  }];
}

/** The same for an administrator to run: a shell script. */
export function administratorScript(wish: Wish): string {
  const lines = setupActions(wish, NOTHING, false).map(({ argv }) => commandLine(argv));
  return [
    "# as root on a node; what says that something already exists can be ignored",
    ...lines,
    "# the token's secret was printed above; this prints the fingerprint of the certificate",
    "cd /etc/pve/local",
    'openssl x509 -noout -fingerprint -sha256 -in "$(ls pveproxy-ssl.pem pve-ssl.pem 2>/dev/null | head -n 1)"',
    "",
  ].join("\n");
}
