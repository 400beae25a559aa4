import { readDocument } from "../../core/document/document.ts";
import { PxrunError } from "../../core/errors.ts";
import { parsePath, type Path, pathText } from "../../core/problem.ts";
import { canonicalPath } from "./spelling.ts";
import { type Branch, isBranch, mapLeaves, putAt, removeAt, toTree, valueAt } from "./tree.ts";

/** One value that wins over the file's. */
export interface Override {
  /** Dotted path (`container.network[0].ip`); `[+]` adds to a list. */
  readonly path: string;
  /** Plain data; null takes the value away. */
  readonly value: unknown;
  /** Name in a problem with the value, such as `--cores`. */
  readonly source: string;
}

/** The flags of `create` that set values of a recipe. */
export interface RecipeFlags {
  readonly hostname?: string | undefined;
  readonly node?: string | undefined;
  readonly template?: string | undefined;
  readonly vmid?: string | number | undefined;
  readonly pool?: string | undefined;
  readonly cores?: string | number | undefined;
  readonly memory?: string | number | undefined;
  readonly swap?: string | number | undefined;
  readonly storage?: string | number | undefined;
  readonly storagePool?: string | undefined;
  readonly bridge?: string | undefined;
  readonly ip?: string | undefined;
  readonly gateway?: string | undefined;
  /** Added to those of the recipe. */
  readonly sshKey?: readonly string[] | undefined;
  /** Added to those of the recipe. */
  readonly tag?: readonly string[] | undefined;
}

const FLAG_PATHS: readonly (readonly [keyof RecipeFlags, string, string])[] = [
  ["hostname", "--hostname", "container.hostname"],
  ["node", "--node", "container.node"],
  ["template", "--template", "container.template"],
  ["vmid", "--vmid", "container.vmid"],
  ["pool", "--pool", "container.pool"],
  ["cores", "--cores", "container.resources.cores"],
  ["memory", "--memory", "container.resources.memory"],
  ["swap", "--swap", "container.resources.swap"],
  ["storage", "--storage", "container.resources.storage"],
  ["storagePool", "--storage-pool", "container.resources.storage_pool"],
  ["bridge", "--bridge", "container.network[0].bridge"],
  ["ip", "--ip", "container.network[0].ip"],
  ["gateway", "--gateway", "container.network[0].gateway"],
  ["sshKey", "--ssh-key", "provisioning.ssh_keys[+]"],
  ["tag", "--tag", "container.tags[+]"],
];

/** The overrides that the flags of `create` stand for. */
export function flagOverrides(flags: RecipeFlags): Override[] {
  const overrides: Override[] = [];
  // The file's gateway belongs to the file's address.
  if (flags.ip === "dhcp" || flags.ip === "manual") {
    overrides.push({ path: "container.network[0].gateway", value: null, source: "--ip" });
  }
  for (const [name, source, path] of FLAG_PATHS) {
    const given = flags[name];
    const values = Array.isArray(given) ? given : given === undefined ? [] : [given];
    for (const value of values) overrides.push({ path, value, source });
  }
  return overrides;
}

/**
 * Reads the argument of `--set`: `container.resources.cores=4`. A value in
 * brackets or quotes is read as YAML, any other is taken as it stands; an empty
 * one, `null` and `~` take the recipe's value away.
 *
 * @throws {PxrunError} USAGE when it is not `path=value`.
 */
export function parseSet(argument: string): Override {
  const equals = argument.indexOf("=");
  const path = equals < 0 ? undefined : argument.slice(0, equals).trim();
  if (path === undefined || parsePath(path) === undefined) {
    throw new PxrunError("USAGE", `--set takes path=value, and ${describe(argument)} is not that`, {
      hint: "for example: --set container.resources.cores=4",
    });
  }
  const text = argument.slice(equals + 1).trim();
  return { path, value: readValue(path, text), source: `--set ${path}` };
}

/** The argument without its value, which may be a secret. */
function describe(argument: string): string {
  const equals = argument.indexOf("=");
  return JSON.stringify(equals < 0 ? argument : `${argument.slice(0, equals)}=…`);
}

function readValue(path: string, text: string): unknown {
  if (text === "" || text === "~" || text === "null") return null;
  if (!/^[[{"']/.test(text)) return text;
  const { data, problems } = readDocument(`value: ${text}`);
  const [problem] = problems;
  if (problem !== undefined || data === undefined) {
    throw new PxrunError(
      "USAGE",
      `the value of --set ${path} cannot be read: ${problem?.message}`,
      {
        hint: "put a text with brackets in single quotes of its own: --set 'key=\"[text]\"'",
      },
    );
  }
  return data["value"];
}

/** An override that was put in place, or why it could not be. */
export interface Applied {
  readonly tree: Branch;
  /** Values that were set, in the order of the overrides. */
  readonly set: readonly { readonly path: Path; readonly source: string }[];
  readonly refused: readonly { readonly override: Override; readonly message: string }[];
}

/** Puts the overrides into a recipe in its nested form; later ones win. */
export function applyOverrides(recipe: Branch, overrides: readonly Override[]): Applied {
  const tree = copyOf(recipe);
  const set: { path: Path; source: string }[] = [];
  const refused: { override: Override; message: string }[] = [];
  for (const override of overrides) {
    const path = parsePath(override.path);
    const value = toTree(override.value);
    if (path === undefined || value === undefined || path.some(isReserved)) {
      refused.push({ override, message: `${override.path} cannot be set` });
      continue;
    }
    const result = value === null
      ? removeAt(tree, canonicalPath(path))
      : putAt(tree, canonicalPath(path), value);
    if (typeof result === "string") refused.push({ override, message: result });
    else set.push({ path: result, source: override.source });
  }
  return { tree, set, refused };
}

/**
 * Puts values where a recipe in its nested form has none. `[+]` stands for a whole
 * list that is not there; a value for the first network interface is one for all of them.
 */
export function applyDefaults(recipe: Branch, defaults: readonly Override[]): Applied {
  const missing = defaults.flatMap((one): Override[] => {
    const path = canonicalPath(parsePath(one.path) ?? []);
    const interfaces = valueAt(recipe, path.slice(0, 2));
    const all = path[1] === "network" && Array.isArray(interfaces)
      ? interfaces.map((_, index) => path.with(2, index))
      : [path];
    return all
      .filter((each) =>
        valueAt(recipe, each.at(-1) === -1 ? each.slice(0, -1) : each) === undefined
      )
      .map((each) => ({ ...one, path: pathText(each) }));
  });
  return applyOverrides(recipe, missing);
}

function copyOf(recipe: Branch): Branch {
  const copy = mapLeaves(recipe, (value) => value);
  return isBranch(copy) ? copy : {};
}

/** Names that every object has. */
function isReserved(part: string | number): boolean {
  return typeof part === "string" && part in {};
}

/**
 * Gives one of several containers of a kind a hostname of its own: its number stands for `{n}`,
 * or behind the name when that has none.
 *
 * @param number Absent for a container that is alone; `any` where a recipe is only checked.
 */
export function numbered(recipe: Branch, number: number | "any" | undefined): Branch {
  if (number === undefined) return recipe;
  const tree = mapLeaves(recipe, (value, path) => {
    if (pathText(path) !== "container.hostname" || typeof value !== "string") return value;
    const named = value.replaceAll("{n}", number === "any" ? "1" : String(number));
    return named === value && number !== "any" ? `${value}-${number}` : named;
  });
  return isBranch(tree) ? tree : {};
}
