import { readList, readUpid } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { path } from "../../http/wire.ts";

/** A storage as one node sees it. */
export interface Storage {
  readonly storage: string;
  /** `dir`, `lvmthin`, `zfspool` … */
  readonly type: string | undefined;
  /** `rootdir`, `vztmpl`, `images` … */
  readonly content: readonly string[];
  /** It can be reached now. */
  readonly active: boolean;
  readonly enabled: boolean;
  readonly shared: boolean;
  /** Bytes. */
  readonly total: number | undefined;
  /** Bytes. */
  readonly used: number | undefined;
  /** Bytes. */
  readonly avail: number | undefined;
}

/**
 * The storages of a node. Those that the token has no right to see are left
 * out without a word.
 *
 * @param filter Only those that are enabled, or that hold this kind of content.
 */
export async function list(
  rest: Rest,
  node: string,
  filter: { readonly content?: string; readonly enabled?: boolean } = {},
): Promise<Storage[]> {
  const what = path`/nodes/${node}/storage`;
  return readList(await rest.get(what, filter), what, (fields) => ({
    storage: fields.text("storage"),
    type: fields.optionalText("type"),
    content: fields.words("content"),
    active: fields.flag("active"),
    enabled: fields.flag("enabled"),
    shared: fields.flag("shared"),
    total: fields.amount("total"),
    used: fields.amount("used"),
    avail: fields.amount("avail"),
  }));
}

/** A template, image, volume or backup. */
export interface Volume {
  /** `local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst`. */
  readonly volid: string;
  readonly content: string | undefined;
  /** `tzst`, `raw`, `subvol` …; some plugins leave it out. */
  readonly format: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  /** The guest that it belongs to. */
  readonly vmid: number | undefined;
}

/** Contents of a storage, or only one kind of them: `vztmpl` for templates. */
export async function content(
  rest: Rest,
  node: string,
  storage: string,
  kind?: string,
): Promise<Volume[]> {
  const what = path`/nodes/${node}/storage/${storage}/content`;
  return readList(await rest.get(what, { content: kind }), what, (fields) => ({
    volid: fields.text("volid"),
    content: fields.optionalText("content"),
    format: fields.optionalText("format"),
    size: fields.amount("size"),
    vmid: fields.optionalNumber("vmid"),
  }));
}

/** Times when the volumes of a guest on a storage were made, in seconds since the epoch, as far as known. */
export async function volumeTimes(
  rest: Rest,
  node: string,
  storage: string,
  vmid: number,
): Promise<ReadonlyMap<string, number | undefined>> {
  const what = path`/nodes/${node}/storage/${storage}/content`;
  const rows = readList(
    await rest.get(what, { vmid }),
    what,
    (fields) => [fields.text("volid"), fields.amount("ctime")] as const,
  );
  return new Map(rows);
}

/**
 * Deletes a volume.
 *
 * @returns The UPID of the task that does it.
 */
export async function deleteContent(rest: Rest, node: string, volid: string): Promise<string> {
  const [storage = ""] = volid.split(":", 1);
  // A volid's slash stays a slash: some proxies refuse an encoded one.
  const volume = volid.split("/").map((part) => path`${part}`).join("/");
  const what = path`/nodes/${node}/storage/${storage}/content/` + volume;
  return readUpid(await rest.delete(what), what);
}
