import { readList } from "../http/read.ts";
import type { Rest } from "../http/rest.ts";

/** A resource pool. */
export interface Pool {
  readonly poolid: string;
  readonly comment: string | undefined;
}

/** The pools that the token may see. */
export async function list(rest: Rest): Promise<Pool[]> {
  return readList(await rest.get("/pools"), "/pools", (fields) => ({
    poolid: fields.text("poolid"),
    comment: fields.optionalText("comment"),
  }));
}
