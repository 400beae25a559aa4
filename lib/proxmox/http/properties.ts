import { PxrunError } from "../../core/errors.ts";

/** The parts of a property string: `name=eth0,ip=dhcp` is `{ name: "eth0", ip: "dhcp" }`. */
export type Properties = Readonly<Record<string, string>>;

/** Value of a property; undefined is left out. */
export type PropertyValue = string | number | boolean | undefined;

/**
 * A value of net0, rootfs, mp0, dev0 or features.
 *
 * @param properties In the order in which they are written.
 * @param defaultKey The property that stands first and without its name (`volume`, `path`).
 * @throws {PxrunError} INVALID_PARAMETER for a value that would spill into the next one.
 */
export function formatProperties(
  properties: Readonly<Record<string, PropertyValue>>,
  defaultKey?: string,
): string {
  return Object.entries(properties).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = typeof value === "boolean" ? String(Number(value)) : String(value);
    if (text === "" || /[,\n\r]/.test(text)) {
      throw new PxrunError("INVALID_PARAMETER", `${name} cannot be '${text}'`, {
        hint: "Proxmox allows neither a comma nor a line end there, nor nothing at all",
      });
    }
    return [name === defaultKey && !text.includes("=") ? text : `${name}=${text}`];
  }).join(",");
}

/**
 * Takes a property string apart.
 *
 * @param text As Proxmox keeps it: `local:105/vm-105-disk-0.raw,size=8G`.
 * @param defaultKey What a part without a name is called.
 */
export function parseProperties(text: string, defaultKey = ""): Properties {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(parts.map((part) => {
    const equals = part.indexOf("=");
    return equals < 0 ? [defaultKey, part] : [part.slice(0, equals), part.slice(equals + 1)];
  }));
}

/** Tags as a request takes them. */
export function formatTags(tags: readonly string[]): string {
  return tags.join(";");
}

/** The words of a list that Proxmox keeps in one text: `;` or `,` or blanks stand between. */
export function parseList(text: string): string[] {
  return text.split(/[;,\s]+/).filter((word) => word !== "");
}
