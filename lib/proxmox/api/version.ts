import { Fields } from "../http/read.ts";
import type { Rest } from "../http/rest.ts";

/** Which Proxmox VE answers. */
export interface Version {
  /** Of the package pve-manager: `9.2.11`. */
  readonly version: string;
  /** `9.2`. */
  readonly release: string;
  readonly repoid: string | undefined;
}

/** Which Proxmox VE answers; the cheapest call that proves the credentials. */
export async function get(rest: Rest): Promise<Version> {
  const fields = new Fields(await rest.get("/version"), "/version");
  return {
    version: fields.text("version"),
    release: fields.text("release"),
    repoid: fields.optionalText("repoid"),
  };
}

/** The oldest version of Proxmox VE that pxrun supports. */
export const OLDEST_VERSION = "8.4";
