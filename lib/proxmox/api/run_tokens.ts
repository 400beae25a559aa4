import type { ProcessInfo } from "../../core/platform.ts";
import { type Fields, readList } from "../http/read.ts";
import type { Rest } from "../http/rest.ts";
import { path } from "../http/wire.ts";

/** Whose tokens a login by SSH alone makes. */
export const OWNER = "root@pam";

/** Prefix of the names of those tokens. */
export const TOKEN_PREFIX = "pxrun-";

/** Facts in a token's comment about the run that it was made for. */
export function tokenComment(
  { host, pid, pidScope }: Pick<ProcessInfo, "host" | "pid" | "pidScope">,
): string {
  return `pxrun, process ${pid} on ${host}${pidScope === undefined ? "" : ` (${pidScope})`}`;
}

/** A token that was made for one run. */
export interface RunToken {
  /** Without the user. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** The machine and the process that it was made for. */
  readonly host: string;
  readonly pid: number;
  /** {@linkcode ProcessInfo.pidScope} of that process. */
  readonly pidScope: string | undefined;
}

/** Every token that a login by SSH alone has made and that is still there; no other. */
export async function list(rest: Rest): Promise<RunToken[]> {
  const all = await rest.get(path`/access/users/${OWNER}/token`);
  return readList(all, "the list of tokens", read).filter((token) => token !== undefined);
}

/** Somebody's own token may begin with the same letters. */
function read(fields: Fields): RunToken | undefined {
  const name = fields.text("tokenid");
  const comment = fields.optionalText("comment") ?? "";
  const [, pid, host, pidScope] =
    /^pxrun, process (\d+) on (.+?)(?: \(([^()]+)\))?$/.exec(comment) ?? [];
  if (!name.startsWith(TOKEN_PREFIX) || pid === undefined || host === undefined) return undefined;
  return { name, expires: fields.number("expire") * 1000, host, pid: Number(pid), pidScope };
}

/** Removes one of them. */
export async function remove(rest: Rest, name: string): Promise<void> {
  await rest.delete(path`/access/users/${OWNER}/token/${name}`);
}
