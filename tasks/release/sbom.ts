import { HOME, releaseAddress } from "./home.ts";

/** Parts of `deno.lock` that are read. */
export interface LockFile {
  /** `npm:NAME@VERSION` to the version and its peers that it stands for. */
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  /** `sha512-BASE64`. */
  readonly integrity: string;
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

/**
 * The software bill of materials of a release, as CycloneDX 1.6: every npm package of the lock file.
 * Packages that pxrun does not load, such as the bundler, are marked as excluded.
 *
 * @param version The version of pxrun.
 * @param lock The lock file.
 * @param loaded The `npm:` specifiers that pxrun itself imports.
 */
export function billOfMaterials(
  version: string,
  lock: LockFile,
  loaded: ReadonlySet<string>,
): Record<string, unknown> {
  const keys = Object.keys(lock.npm).sort();
  const roots = Object.entries(lock.specifiers)
    .filter(([specifier]) => loaded.has(specifier))
    .map(([specifier, resolved]) => `${nameOf(specifier.slice("npm:".length))}@${resolved}`);
  const needed = closure(roots, lock);
  const self = { "bom-ref": "pxrun", purl: purl("pxrun", version) };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        ...self,
        name: "pxrun",
        version,
        licenses: [{ license: { id: "MIT" } }],
        externalReferences: [
          { type: "website", url: HOME },
          { type: "distribution", url: releaseAddress(version) },
        ],
      },
    },
    components: keys.map((key) => ({
      type: "library",
      "bom-ref": key,
      ...nameParts(nameOf(key)),
      version: versionOf(key),
      scope: needed.has(key) ? "required" : "excluded",
      hashes: hashes(lock.npm[key]?.integrity ?? ""),
      purl: purl(nameOf(key), versionOf(key)),
    })),
    dependencies: [
      { ref: self["bom-ref"], dependsOn: roots.sort() },
      ...keys.map((key) => ({ ref: key, dependsOn: dependenciesOf(key, lock).sort() })),
    ],
  };
}

/** All packages that some packages need, with themselves. */
function closure(roots: readonly string[], lock: LockFile): ReadonlySet<string> {
  const found = new Set(roots);
  for (const key of found) dependenciesOf(key, lock).forEach((one) => found.add(one));
  return found;
}

function dependenciesOf(key: string, lock: LockFile): string[] {
  const { dependencies = [], optionalDependencies = [] } = lock.npm[key] ?? {};
  return [...dependencies, ...optionalDependencies].map((name) => {
    if (name in lock.npm) return name;
    // A package of which the lock file has one version is named without it.
    const one = Object.keys(lock.npm).find((key) => nameOf(key) === name);
    if (one === undefined) throw new Error(`deno.lock: ${key} needs ${name}, which it lacks`);
    return one;
  });
}

/** `@scope/name` of `@scope/name@1.2.3_peer@4.5.6`. */
function nameOf(key: string): string {
  const at = key.indexOf("@", 1);
  return at === -1 ? key : key.slice(0, at);
}

function versionOf(key: string): string {
  return key.slice(nameOf(key).length + 1).split("_")[0] ?? "";
}

function nameParts(name: string): { readonly group?: string; readonly name: string } {
  const [group = "", bare] = name.split("/");
  return bare === undefined ? { name } : { group, name: bare };
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function hashes(integrity: string): { readonly alg: string; readonly content: string }[] {
  const [, base64] = /^sha512-(.+)$/.exec(integrity) ?? [];
  if (base64 === undefined) return [];
  return [{ alg: "SHA-512", content: Uint8Array.fromBase64(base64).toHex() }];
}

/**
 * The `npm:` specifiers that a program imports, also where that is dynamic.
 *
 * @param main The file that the program starts with.
 */
export async function specifiersOf(main: string): Promise<ReadonlySet<string>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", main],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { modules }: { readonly modules: readonly { readonly specifier: string }[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return new Set(
    modules.map(({ specifier }) => specifier.replace(/^npm:\//, "npm:"))
      .filter((specifier) => specifier.startsWith("npm:")),
  );
}
