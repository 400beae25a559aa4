import { Secret } from "../core/secret.ts";
import type { Env } from "../core/world.ts";

/** As whom to talk to the API. */
export type Login =
  /** `id` is `user@realm!name`. */
  | { readonly kind: "token"; readonly id: string; readonly secret: Secret }
  /** `user` is `user@realm`; without a password somebody is asked for it. */
  | { readonly kind: "password"; readonly user: string; readonly password?: Secret }
  /** As root of a node: a token is made over SSH, and removed at the end. */
  | { readonly kind: "ssh" };

/** What a script may set instead of the environment. */
export interface LoginOverrides {
  readonly tokenId?: string;
  readonly tokenSecret?: string | Secret;
  readonly user?: string;
  readonly password?: string | Secret;
}

/** The form of a token id. */
export const tokenIdPattern = /^[^\s@!]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]+$/;
export const userPattern = /^[^\s:/@!]+@[A-Za-z][\w.-]*$/;

/**
 * Decides how to log in: by token, else by user and password, else by SSH
 * alone. What a script sets goes before all that the environment says.
 *
 * @param hasRoute Whether a node is named at all.
 * @param problems Gets what is missing or malformed.
 */
export function readLogin(
  env: Env,
  set: LoginOverrides,
  hasRoute: boolean,
  problems: string[],
): Login {
  const fromScript = { id: set.tokenId, secret: set.tokenSecret };
  const fromEnv = { id: env["PROXMOX_TOKEN_ID"], secret: env["PROXMOX_TOKEN_SECRET"] };
  const user = set.user ?? env["PROXMOX_USER"];
  const password = set.password ?? env["PROXMOX_PASSWORD"];
  if (fromScript.id || fromScript.secret) {
    return readToken({
      id: fromScript.id ?? fromEnv.id,
      secret: fromScript.secret ?? fromEnv.secret,
    }, problems);
  }
  if (set.user) return readUser(user, password, problems);
  if (fromEnv.id || fromEnv.secret) return readToken(fromEnv, problems);
  if (user || password) return readUser(user, password, problems);
  // Where not even a node is named, the whole of the usual way is explained.
  return hasRoute ? { kind: "ssh" } : readToken({}, problems);
}

interface Token {
  readonly id?: string | undefined;
  readonly secret?: string | Secret | undefined;
}

function readToken({ id = "", secret = "" }: Token, problems: string[]): Login {
  if (id === "") problems.push("PROXMOX_TOKEN_ID is not set: user@realm!name of an API token");
  else if (!tokenIdPattern.test(id)) {
    problems.push("PROXMOX_TOKEN_ID is not of the form user@realm!name");
  }
  if (secret === "") problems.push("PROXMOX_TOKEN_SECRET is not set: the secret of that token");
  return { kind: "token", id, secret: secretOf(secret) };
}

/** A user without a realm is one of the node's own system, as at its login prompt. */
function readUser(
  name: string | undefined,
  password: string | Secret | undefined,
  problems: string[],
): Login {
  const user = name === undefined || name.includes("@") ? name ?? "" : `${name}@pam`;
  if (user === "") problems.push("PROXMOX_USER is not set: whose password PROXMOX_PASSWORD is");
  else if (!userPattern.test(user)) {
    problems.push("PROXMOX_USER is not of the form user@realm");
  }
  return { kind: "password", user, ...(password && { password: secretOf(password) }) };
}

function secretOf(value: string | Secret): Secret {
  return value instanceof Secret ? value : new Secret(value);
}
