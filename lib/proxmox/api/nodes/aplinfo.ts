import { readList, readUpid } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { path } from "../../http/wire.ts";

/** A template that can be downloaded. */
export interface IndexedTemplate {
  /** The file name: `debian-13-standard_13.1-2_amd64.tar.zst`. */
  readonly template: string;
  /** `debian-13-standard`. */
  readonly package: string | undefined;
  readonly version: string | undefined;
  /** `debian-13`. */
  readonly os: string | undefined;
  /** `system`, `mail`, `turnkeylinux`. */
  readonly section: string | undefined;
  /** `amd64`, `arm64`, `all` … */
  readonly architecture: string | undefined;
  readonly headline: string | undefined;
}

/** The index of templates that the node knows; only `pveam update` renews it. */
export async function list(rest: Rest, node: string): Promise<IndexedTemplate[]> {
  const what = path`/nodes/${node}/aplinfo`;
  return readList(await rest.get(what), what, (fields) => ({
    template: fields.text("template"),
    package: fields.optionalText("package"),
    version: fields.optionalText("version"),
    os: fields.optionalText("os"),
    section: fields.optionalText("section"),
    architecture: fields.optionalText("architecture"),
    headline: fields.optionalText("headline"),
  }));
}

/**
 * Downloads a template of the index, with its checksum. Needs
 * Datastore.AllocateTemplate on the storage.
 *
 * @param template Its file name.
 * @returns The UPID of the task that does it.
 */
export async function download(
  rest: Rest,
  node: string,
  storage: string,
  template: string,
): Promise<string> {
  const what = path`/nodes/${node}/aplinfo`;
  return readUpid(await rest.post(what, { storage, template }), what);
}
