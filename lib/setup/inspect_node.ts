import { PxrunError } from "../core/errors.ts";
import { isOlder } from "../core/versions.ts";
import { OLDEST_VERSION } from "../proxmox/api/version.ts";
import { readFingerprint } from "../cluster/ssh_login.ts";
import { readList } from "../proxmox/http/read.ts";
import { type SetupNode, stderrOf, succeed } from "./node.ts";
import { type Existing, ROLE, USER } from "./steps.ts";

/** Facts about a cluster that setup needs. */
export interface NodeFindings extends Existing {
  /** Of the package pve-manager: `9.2.11`. */
  readonly version: string;
  /** SHA-256 of the API's certificate. */
  readonly fingerprint: string;
  readonly storages: readonly string[];
  /** Every node, with its address in the cluster. */
  readonly members: readonly { readonly name: string; readonly ip: string | undefined }[];
}

/**
 * Reads what there is, and changes nothing.
 *
 * @throws {PxrunError} FAILED for a host that is no node, or too old a one.
 */
export async function inspectNode(node: SetupNode): Promise<NodeFindings> {
  const version = await readVersion(node);
  const json = async (...argv: string[]): Promise<unknown> =>
    parse(await succeed(node, [...argv, "--output-format", "json"]), argv.join(" "));
  // First alone: where sudo refuses the user, it says so once.
  const roles = await json("pveum", "role", "list");
  const [tokens, acls, pools, storages, members, fingerprint] = await Promise.all([
    readTokens(node),
    json("pveum", "acl", "list"),
    json("pveum", "pool", "list"),
    json("pvesh", "get", "/storage"),
    json("pvesh", "get", "/cluster/status"),
    readFingerprint(node.run),
  ]);
  const privileges = new Map(
    readList(roles, "the list of roles", (role) => [role.text("roleid"), role.words("privs")]),
  );
  const own = privileges.get(ROLE);
  return {
    version,
    fingerprint,
    known: new Set(privileges.get("Administrator")),
    role: own && new Set(own),
    hasUser: tokens !== undefined,
    tokens: tokens ?? [],
    acls: readList(acls, "the access control list", (acl) => ({
      path: acl.text("path"),
      who: acl.text("ugid"),
      role: acl.text("roleid"),
    })),
    pools: readList(pools, "the list of pools", (pool) => pool.text("poolid")),
    storages: readList(storages, "the list of storages", (storage) => storage.text("storage")),
    members: readList(members, "/cluster/status", (member) => ({
      type: member.text("type"),
      name: member.text("name"),
      ip: member.optionalText("ip"),
    })).filter(({ type }) => type === "node"),
  };
}

async function readVersion(node: SetupNode): Promise<string> {
  const { stdout } = await node.runAsUser(["pveversion"]);
  const [, version = ""] = /^pve-manager\/([\d.]+)/.exec(new TextDecoder().decode(stdout)) ?? [];
  if (version === "") {
    throw new PxrunError("FAILED", `${node.place} is no node of Proxmox VE: it has no pveversion`, {
      hint: "--host names a node; PXRUN_SSH_NODES=NODE=USER@ADDRESS:PORT, where SSH is elsewhere",
    });
  }
  if (isOlder(version, OLDEST_VERSION)) {
    throw new PxrunError("FAILED", `${node.place} runs Proxmox VE ${version}, which is too old`, {
      hint: `pxrun is made for ${OLDEST_VERSION} and newer`,
    });
  }
  return version;
}

/** The names of the user's tokens; undefined without such a user. */
async function readTokens(node: SetupNode): Promise<string[] | undefined> {
  const argv = ["pveum", "user", "token", "list", USER, "--output-format", "json"];
  const result = await node.run(argv);
  if (result.code !== 0 && /no such user/.test(stderrOf(result))) return undefined;
  const text = result.code === 0
    ? new TextDecoder().decode(result.stdout)
    : await succeed(node, argv);
  return readList(
    parse(text, argv.join(" ")),
    "the list of tokens",
    (token) => token.text("tokenid"),
  );
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PxrunError("FAILED", `${what} printed no JSON`, {
      hint: "is something in the shell's start-up files printing text on the node?",
    });
  }
}
