import { createHmac, randomBytes } from "node:crypto";
import type { Files } from "../../core/platform.ts";
import { fromBase64, keyType } from "./wire.ts";

/** One usable line of a known_hosts file. */
export interface KnownHost {
  /** Marker at the start of the line: `@revoked` or `@cert-authority`. */
  readonly marker: "revoked" | "cert-authority" | undefined;
  /** The host names as written: a list of patterns, or one salted hash. */
  readonly hosts: string;
  readonly publicKey: Uint8Array;
  readonly file: string;
  readonly line: number;
}

/** Name of a host in known_hosts files. */
export interface HostName {
  readonly host: string;
  readonly port: number;
  /** `HostKeyAlias` of ssh_config: looked up instead of host and port. */
  readonly alias?: string | undefined;
}

/** Verdict of the known_hosts files about the key that a host presents. */
export type HostKeyVerdict =
  | { readonly kind: "match" }
  /** No line knows the host. `authorities` are the lines that trust a certificate authority for it. */
  | { readonly kind: "unknown"; readonly authorities: readonly KnownHost[] }
  /** The lines that know the host by other keys. */
  | { readonly kind: "changed"; readonly stale: readonly KnownHost[] }
  | { readonly kind: "revoked"; readonly by: KnownHost };

/** The lines of a known_hosts file that name a host and a key; others are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    const marked = fields[0]?.startsWith("@") ? fields.shift() : undefined;
    const [hosts, type, encoded] = fields;
    if (!hosts || hosts.startsWith("#") || !type || !encoded) return [];
    const marker = marked?.slice(1);
    if (marker !== undefined && marker !== "revoked" && marker !== "cert-authority") return [];
    const publicKey = fromBase64(encoded);
    if (publicKey === undefined || keyType(publicKey) !== type) return [];
    return [{ marker, hosts, publicKey, file, line: index + 1 }];
  });
}

/**
 * All lines of several known_hosts files; one that is not there has none.
 *
 * @param onUnreadable Called with the reason why a file that is there cannot be read: it may be the one that counts.
 */
export async function readKnownHosts(
  files: Pick<Files, "read">,
  paths: readonly string[],
  onUnreadable?: (error: unknown) => void,
): Promise<KnownHost[]> {
  const contents = await Promise.all(paths.map((path) =>
    files.read(path).catch((error) => {
      onUnreadable?.(error);
      return undefined;
    })
  ));
  return contents.flatMap((bytes, index) =>
    bytes === undefined ? [] : parseKnownHosts(new TextDecoder().decode(bytes), paths[index] ?? "")
  );
}

/** The name under which a host's line is written: `host`, or `[host]:port` on another port than 22. */
export function knownHostsName({ host, port, alias }: HostName): string {
  if (alias !== undefined) return alias;
  return port === 22 ? host : `[${host}]:${port}`;
}

/**
 * Judges the key that a host presents. A line that knows the host without its
 * port may vouch for a key on another port, as with OpenSSH, but never makes
 * one look changed. Certificate authorities vouch for nothing here: the key
 * presented is not a certificate.
 */
export function checkHostKey(
  known: readonly KnownHost[],
  name: HostName,
  publicKey: Uint8Array,
): HostKeyVerdict {
  const own = linesFor(known, knownHostsName(name));
  const portless = name.alias === undefined ? linesFor(known, name.host) : [];
  const same = [...own, ...portless].filter((line) => isEqual(line.publicKey, publicKey));
  const by = same.find((line) => line.marker === "revoked");
  if (by !== undefined) return { kind: "revoked", by };
  if (same.some((line) => line.marker === undefined)) return { kind: "match" };
  const stale = own.filter((line) => line.marker === undefined);
  if (stale.length > 0) return { kind: "changed", stale };
  return { kind: "unknown", authorities: own.filter((l) => l.marker === "cert-authority") };
}

/** The types of the keys by which a host is known, in the order of their lines. */
export function knownKeyTypes(known: readonly KnownHost[], name: HostName): string[] {
  const own = linesFor(known, knownHostsName(name));
  const lines = own.length > 0 || name.alias !== undefined ? own : linesFor(known, name.host);
  const plain = lines.filter((line) => line.marker === undefined);
  return [...new Set(plain.map((line) => keyType(line.publicKey)))];
}

function linesFor(known: readonly KnownHost[], name: string): KnownHost[] {
  const wanted = name.toLowerCase();
  return known.filter((line) => namesHost(line.hosts, wanted));
}

function namesHost(hosts: string, wanted: string): boolean {
  if (hosts.startsWith("|")) return isHashOf(hosts, wanted);
  const patterns = hosts.toLowerCase().split(",");
  if (patterns.some((p) => p.startsWith("!") && matches(p.slice(1), wanted))) return false;
  return patterns.some((p) => !p.startsWith("!") && matches(p, wanted));
}

/** A host's name as `HashKnownHosts` writes it, so that the file tells nobody which hosts there are. */
export function hashHostName(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac("sha1", salt).update(name.toLowerCase()).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name with the salt as its key, both in base64. */
function isHashOf(hosts: string, wanted: string): boolean {
  const [, magic, salt, hash] = hosts.split("|");
  const key = fromBase64(salt ?? "");
  if (magic !== "1" || key === undefined) return false;
  return createHmac("sha1", key).update(wanted).digest("base64") === hash;
}

/** Wildcards as in ssh_config: `*` is any text, `?` any one character. */
function matches(pattern: string, wanted: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll(
    "?",
    ".",
  );
  return new RegExp(`^${source}$`).test(wanted);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
