import { type Data, type Mapping, readDocument } from "../core/document/document.ts";
import type { Path } from "../core/problem.ts";

/** Metadata of sops in an encrypted file: its recipients, and what it covers. */
export interface SopsMetadata {
  /** Age recipients, PGP fingerprints and names of cloud keys. All are public. */
  readonly recipients: readonly string[];
  /** True if values in the clear could be changed without being noticed. */
  readonly coversOnlyEncrypted: boolean;
}

/** True if a text is a YAML file that sops encrypted. */
export function isEncrypted(text: string): boolean {
  const { data } = readDocument(text);
  return data !== undefined && Object.hasOwn(data, "sops");
}

/** The paths of all encrypted values. */
export function encryptedPaths(text: string): Path[] {
  const { sops: _, ...data } = readDocument(text).data ?? {};
  return [...encryptedIn(data, [])];
}

/** True if a value is one that sops encrypted. */
function isEncryptedValue(value: string): boolean {
  return /^ENC\[AES256_GCM,data:[\s\S]*,type:\w+\]$/.test(value);
}

function* encryptedIn(data: Data, path: Path): Generator<Path> {
  if (typeof data === "string") {
    if (isEncryptedValue(data)) yield path;
  } else if (Array.isArray(data)) {
    for (const [index, item] of data.entries()) yield* encryptedIn(item, [...path, index]);
  } else if (data !== null) {
    for (const [key, value] of Object.entries(data)) yield* encryptedIn(value, [...path, key]);
  }
}

/** Recipients of a file, from the part of it that sops wrote. */
export function readMetadata(text: string): SopsMetadata {
  const sops = mapping(readDocument(text).data?.["sops"]);
  return {
    recipients: [...new Set([...namedIn(sops)])],
    coversOnlyEncrypted: sops["mac_only_encrypted"] === "true",
  };
}

/** Key groups nest the same lists, so all are looked through. */
function* namedIn(data: Data): Generator<string> {
  if (typeof data !== "object" || data === null) return;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== "string") yield* namedIn(value);
    else if (/^(recipient|fp|arn|resource_id|vault_url|key_id)$/.test(key)) yield value;
  }
}

function mapping(data: Data | undefined): Mapping {
  return typeof data === "object" && data !== null && !Array.isArray(data) ? data : {};
}

/**
 * The leaf at a path of the JSON that sops prints; undefined where there is none. sops keeps the
 * mappings that are merged into another below a key `<<` of it, one or a list of them.
 */
export function leafAt(json: unknown, path: Path): string | undefined {
  const value = path.reduce(childOf, json);
  return typeof value === "string" ? value : undefined;
}

function childOf(value: unknown, part: string | number): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, part)) return Reflect.get(value, part);
  const merged: unknown = Object.hasOwn(value, "<<") ? Reflect.get(value, "<<") : undefined;
  for (const source of Array.isArray(merged) ? merged : [merged]) {
    const child = childOf(source, part);
    if (child !== undefined) return child;
  }
  return undefined;
}

/** A path as `sops set` takes it: `["contexts"]["home"]["host"]`. */
export function sopsIndex(path: Path): string {
  return path.map((part) => `[${JSON.stringify(part)}]`).join("");
}
