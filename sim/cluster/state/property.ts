/** One of Proxmox's `value,key=value,…` strings, taken apart. */
export type Property = Record<string, string>;

/** Form of one kind of property string. */
export interface PropertyKind {
  /** The key that may stand without its name. */
  readonly bare?: string;
  /** Keys that come first; the others follow in alphabetical order. */
  readonly first: readonly string[];
}

/** netN. */
export const NET: PropertyKind = { first: ["name"] };
/** rootfs and mpN. */
export const MOUNT: PropertyKind = { bare: "volume", first: ["mp"] };
/** devN. */
export const DEVICE: PropertyKind = { bare: "path", first: [] };
/** features. */
export const FEATURES: PropertyKind = { first: [] };

/** Takes a property string apart. */
export function parseProperty(text: string, kind: PropertyKind): Property {
  const property: Property = {};
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const at = part.indexOf("=");
    if (at < 0) property[kind.bare ?? ""] = part;
    else property[part.slice(0, at)] = part.slice(at + 1);
  }
  return property;
}

/** Writes a property string in the order in which Proxmox writes it back. */
export function printProperty(property: Property, kind: PropertyKind): string {
  const lead = [...(kind.bare === undefined ? [] : [kind.bare]), ...kind.first];
  const rest = Object.keys(property).filter((key) => !lead.includes(key)).sort();
  return [...lead.filter((key) => key in property), ...rest]
    .map((key) => key === kind.bare ? property[key] : `${key}=${property[key]}`)
    .join(",");
}

/** Splits a list that is separated by commas, semicolons or blanks. */
export function splitList(text: string | undefined): string[] {
  return (text ?? "").split(/[,;\s\0]+/).filter((word) => word !== "");
}
