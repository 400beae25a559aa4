/** Caller: a user, or one of its tokens. */
export interface Who {
  readonly user: string;
  /** The token's name, the part behind the `!`. */
  readonly token?: string;
}

/** Root on a node: what a command over SSH runs as. No token is ever this. */
export const ROOT: Who = { user: "root@pam" };

/** `user@realm` or `user@realm!token`. */
export function authId(who: Who): string {
  return who.token === undefined ? who.user : `${who.user}!${who.token}`;
}

/** Caller of an id of that form. */
export function parseAuthId(id: string): Who {
  const at = id.indexOf("!");
  return at < 0 ? { user: id } : { user: id.slice(0, at), token: id.slice(at + 1) };
}

/** True if this is root itself, which no token is. */
export function isRoot(who: Who): boolean {
  return who.user === ROOT.user && who.token === undefined;
}
