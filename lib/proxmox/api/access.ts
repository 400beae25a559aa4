import { Fields } from "../http/read.ts";
import type { Rest } from "../http/rest.ts";

/** ACL path to privilege to whether it also holds below that path. */
export type Permissions = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/**
 * Permissions of the user or token that asks. Open to everyone; empty for a token
 * without any ACL.
 */
export async function permissions(rest: Rest): Promise<Permissions> {
  const paths = new Fields(await rest.get("/access/permissions"), "/access/permissions");
  return Object.fromEntries(
    paths.names().map((path) => {
      const privileges = paths.fields(path);
      return [
        path,
        Object.fromEntries(privileges.names().map((name) => [name, privileges.flag(name)])),
      ];
    }),
  );
}
