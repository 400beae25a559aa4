import type { NodeFacts } from "./snapshot.ts";

/** The template of a create: there already, or to be downloaded first. */
export interface TemplateChoice {
  readonly volid: string;
  readonly download?: { readonly storage: string; readonly file: string };
}

/** An appliance that is built on a system is not what somebody means who asks for the system. */
function isAppliance(file: string): boolean {
  return file.includes("-turnkey-");
}

/**
 * Whether a template file is meant by an alias: the alias is its beginning and
 * ends where a word of the name ends, so `debian-1` does not mean `debian-13…`.
 */
function isMeant(alias: string, file: string): boolean {
  const rest = file.slice(alias.length);
  return file.startsWith(alias) && /^[-_.]/.test(rest) && !isAppliance(rest);
}

const collator = new Intl.Collator("en", { numeric: true });

function newest(files: readonly string[]): string | undefined {
  return files.toSorted(collator.compare).at(-1);
}

/** A storage of the node that takes templates, the roomiest first. */
function templateStorage(node: NodeFacts): string | undefined {
  return node.storages
    .filter((s) => s.active && s.content.includes("vztmpl"))
    .toSorted((a, b) => b.avail - a.avail || collator.compare(a.storage, b.storage))[0]?.storage;
}

/**
 * What a wish (`debian-13`, a file name, or a volid) means on a node: the newest
 * local match, else the newest in the index, else nothing.
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
  const matches = (file: string): boolean => file === wish || isMeant(wish, file);
  const local = newest(node.templates.map((t) => t.file).filter(matches));
  const found = node.templates.find((t) => t.file === local);
  if (found) return { volid: found.volid };
  const file = newest(node.index.filter(matches));
  const storage = templateStorage(node);
  if (file === undefined || storage === undefined) return undefined;
  return { volid: `${storage}:vztmpl/${file}`, download: { storage, file } };
}

/** The aliases that a list of template files answers to, for hints: `debian-13`. */
export function aliases(files: readonly string[]): string[] {
  const names = files.filter((file) => !isAppliance(file)).map((file) =>
    /^[a-z]+-[\d.]+|^[a-z]+/.exec(file)?.[0] ?? file
  );
  return [...new Set(names)].toSorted(collator.compare);
}
