import { ROOT, type Who } from "./cluster.ts";

/** `user@realm` or `user@realm!token`. */
export function authId(who: Who): string {
  return who.token === undefined ? who.user : `${who.user}!${who.token}`;
}

/** Who an id of that form is. */
export function parseAuthId(id: string): Who {
  const at = id.indexOf("!");
  return at < 0 ? { user: id } : { user: id.slice(0, at), token: id.slice(at + 1) };
}

/** Whether this is root itself, which no token is. */
export function isRoot(who: Who): boolean {
  return who.user === ROOT.user && who.token === undefined;
}
