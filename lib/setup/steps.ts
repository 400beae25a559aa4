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

/** Access that a user is to have on the cluster. */
export interface Access {
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

/** State of the cluster, as far as it concerns pxrun. */
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
export function tokenId({ tokenName }: Pick<Access, "tokenName">): string {
  return `${USER}!${tokenName}`;
}

/** A command of Proxmox's user manager, with the one that undoes it. */
function pveum(
  id: string,
  title: string,
  argv: readonly string[],
  undo?: readonly string[],
): NodeCommand {
  return {
    kind: "node-command",
    id,
    title,
    argv: ["pveum", ...argv],
    ...(undo && { undo: ["pveum", ...undo] }),
  };
}

/**
 * The changes that lead from what there is to what is wanted, in their order. Rights that
 * others have given are left; only this token's own are held to the scope.
 *
 * @param keeps True if the token of that name can be used further.
 */
export function setupActions(access: Access, existing: Existing, keeps: boolean): NodeCommand[] {
  const { tokenName, scope: { pool } } = access;
  const token = tokenId(access);
  const removal = ["user", "token", "remove", USER, tokenName];
  const actions = roleActions(existing);
  if (!existing.hasUser) {
    const argv = ["user", "add", USER, "--comment", "pxrun"];
    const title = `make the user ${USER}, without a password`;
    actions.push(pveum("user", title, argv, ["user", "delete", USER]));
  }
  if (pool !== undefined && !existing.pools.includes(pool)) {
    const undo = ["pool", "delete", pool];
    actions.push(pveum("pool", `make the pool ${pool}`, ["pool", "add", pool], undo));
  }
  if (!keeps) {
    if (existing.tokens.includes(tokenName)) {
      const title = `remove the token ${token}, whose secret is not in the config`;
      actions.push(pveum("remove-token", title, removal));
    }
    const argv = ["user", "token", "add", USER, tokenName, "--privsep", "1"];
    const making = pveum("token", `make the token ${token}`, argv, removal);
    actions.push({ ...making, makesToken: true });
  }
  return [...actions, ...aclActions(access, existing, keeps)];
}

/** Grants the role where it is to hold, and takes this token's own rights elsewhere. */
function aclActions(access: Access, { acls }: Existing, keepsToken: boolean): NodeCommand[] {
  const token = tokenId(access);
  const paths = scopePaths(access.scope);
  const ours = acls.filter(({ role }) => role === ROLE);
  const has = (path: string, who: string): boolean =>
    ours.some((acl) => acl.path === path && acl.who === who);
  const grants = paths.flatMap((path) => {
    const user = has(path, USER) ? [] : ["--users", USER];
    const own = keepsToken && has(path, token) ? [] : ["--tokens", token];
    if (user.length + own.length === 0) return [];
    const rights = [path, ...user, ...own, "--roles", ROLE];
    const title = `grant the role on ${path}`;
    const undo = ["acl", "delete", ...rights];
    return pveum(`grant:${path}`, title, ["acl", "modify", ...rights], undo);
  });
  const stale = ours.filter(({ path, who }) =>
    keepsToken && who === token && !paths.includes(path)
  );
  const revocations = stale.map(({ path }) => {
    const rights = [path, "--tokens", token, "--roles", ROLE];
    const title = `take the rights of ${token} on ${path}`;
    const undo = ["acl", "modify", ...rights];
    return pveum(`revoke:${path}`, title, ["acl", "delete", ...rights], undo);
  });
  return [...grants, ...revocations];
}

/** A role that is there gets what it lacks, and keeps what an administrator has added. */
function roleActions({ known, role }: Existing): NodeCommand[] {
  const wanted = PRIVILEGES.filter((privilege) => known.has(privilege));
  if (role === undefined) {
    const title = `make the role ${ROLE} with ${wanted.length} privileges`;
    const argv = ["role", "add", ROLE, "--privs", wanted.join(",")];
    return [pveum("role", title, argv, ["role", "delete", ROLE])];
  }
  const missing = wanted.filter((privilege) => !role.has(privilege));
  if (missing.length === 0) return [];
  const title = `add ${missing.join(", ")} to the role ${ROLE}`;
  const argv = ["role", "modify", ROLE, "--append", "1", "--privs", missing.join(",")];
  return [pveum("role", title, argv)];
}

/** The same for an administrator to run: a shell script. */
export function administratorScript(access: Access): string {
  const lines = setupActions(access, NOTHING, false).map(({ argv }) => commandLine(argv));
  return [
    "# as root on a node; what says that something already exists can be ignored",
    ...lines,
    "# the token's secret was printed above; this prints the fingerprint of the certificate",
    "cd /etc/pve/local",
    'openssl x509 -noout -fingerprint -sha256 -in "$(ls pveproxy-ssl.pem pve-ssl.pem 2>/dev/null | head -n 1)"',
    "",
  ].join("\n");
}
