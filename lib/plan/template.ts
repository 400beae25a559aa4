import type { NodeFacts } from "./snapshot.ts";

/** The template of a create: there already, or to be downloaded first. */
export interface TemplateChoice {
  readonly volid: string;
  readonly download?: { readonly storage: string; readonly file: string };
}

/** An appliance that is built on a system is not what a request for the system means. */
function isAppliance(file: string): boolean {
  return file.includes("-turnkey-");
}

/** The architecture of a node that does not say it, and of nearly every other one. */
export const USUAL = "amd64";

/** The architecture that a template's file name ends with; undefined where it has none. */
export function architectureIn(file: string): string | undefined {
  return /_(amd64|arm64|armhf|i386|ppc64el|riscv64|s390x|all)\.tar\b/.exec(file)?.[1];
}

function runsOn(node: NodeFacts, file: string): boolean {
  const own = architectureIn(file) ?? node.architectures?.[file] ?? "all";
  return own === "all" || own === (node.architecture ?? USUAL);
}

/** The kinds that are the bare system: Proxmox's own templates have one of them each. */
const BARE = /(?:^|-)(?:standard|default|base)$/;

/**
 * The kind of a template that is meant by an alias: `standard` of `debian-13-standard_13.1-2…` for
 * `debian-13`. Undefined where it is not meant: the alias is its beginning and ends where a word of
 * the name ends, so `debian-1` does not mean `debian-13…`.
 */
function kindOf(alias: string, file: string): string | undefined {
  const rest = file.slice(alias.length);
  if (!file.startsWith(alias) || !/^[-_.]/.test(rest) || isAppliance(rest)) return undefined;
  const [name = ""] = rest.split("_", 1);
  // The version belongs to no kind: `debian` means the newest of all.
  return name.replace(/^-[\d.]+(?=-|$)/, "").replace(/^[-.]/, "");
}

const collator = new Intl.Collator("en", { numeric: true });

function newest(files: readonly string[]): string | undefined {
  return files.toSorted(collator.compare).at(-1);
}

/** A storage of the node that takes templates, the roomiest first. */
export function templateStorage(node: NodeFacts): string | undefined {
  return node.storages
    .filter((s) => s.active && s.content.includes("vztmpl"))
    .toSorted((a, b) => b.avail - a.avail || collator.compare(a.storage, b.storage))[0]?.storage;
}

/**
 * Meaning of a template of a recipe (`debian-13`, a file name, or a volid) on a node: of
 * what runs there the bare system, else the only other kind; the newest local one, else the
 * newest in the index, else nothing.
 */
export function resolveTemplate(wish: string, node: NodeFacts): TemplateChoice | undefined {
  if (wish.includes(":")) {
    const found = node.templates.find((t) => t.volid === wish);
    if (found) return { volid: found.volid };
    const [storage, file] = wish.split(":vztmpl/");
    const known = node.storages.some((s) => s.storage === storage && s.content.includes("vztmpl"));
    return known && storage && file && node.index.includes(file)
      ? { volid: wish, download: { storage, file } }
      : undefined;
  }
  const local = node.templates.map(({ file }) => file);
  const bare = (kind: string): boolean => kind === "" || BARE.test(kind);
  const kinds = templateKinds(wish, node).filter((kind) => !bare(kind));
  const only = (kind: string): boolean => kinds.length === 1 && kind === kinds[0];
  for (const fits of [bare, only]) {
    const matches = (file: string): boolean => {
      if (file === wish) return true;
      const kind = kindOf(wish, file);
      return kind !== undefined && runsOn(node, file) && fits(kind);
    };
    const chosen = newest(local.filter(matches));
    const found = node.templates.find((t) => t.file === chosen);
    if (found) return { volid: found.volid };
    const file = newest(node.index.filter(matches));
    const storage = templateStorage(node);
    if (file !== undefined && storage !== undefined) {
      return { volid: `${storage}:vztmpl/${file}`, download: { storage, file } };
    }
  }
  return undefined;
}

/** The kinds that an alias may mean on a node; more than one of them is for the recipe to choose. */
export function templateKinds(alias: string, node: NodeFacts): string[] {
  const files = [...node.templates.map(({ file }) => file), ...node.index];
  const kinds = files.filter((file) => runsOn(node, file)).map((file) => kindOf(alias, file));
  return [...new Set(kinds.filter((kind) => kind !== undefined))].toSorted(collator.compare);
}

/** The aliases that a list of template files answers to, for hints: `debian-13`. */
export function aliases(files: readonly string[]): string[] {
  const names = files.filter((file) => !isAppliance(file)).map((file) =>
    /^[a-z]+-[\d.]+|^[a-z]+/.exec(file)?.[0] ?? file
  );
  return [...new Set(names)].toSorted(collator.compare);
}
