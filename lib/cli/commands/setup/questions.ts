import { parseHost } from "../../../config/settings.ts";
import { tokenIdPattern } from "../../../config/login.ts";
import type { ContextConfig } from "../../../config/schema.ts";
import type { OpenConfig } from "../../../config/open_context.ts";
import { PxrunError } from "../../../core/errors.ts";
import { Secret } from "../../../core/secret.ts";
import type { World } from "../../../core/world.ts";
import { parseScope, type Scope, SCOPE_FORM } from "../../../setup/scope.ts";
import { ask, choose, hidden, pipedIn } from "../../prompts/prompts.ts";

/** Without a terminal every answer has to be there before anything is done. */
export function refuseUnanswered(
  { terminal }: World,
  answers: Readonly<Record<string, string | boolean | undefined>>,
): void {
  const missing = Object.keys(answers).filter((flag) => !answers[flag]);
  if (terminal.interactive || missing.length === 0) return;
  throw new PxrunError(
    "USAGE",
    `cannot set up: this is not a terminal, and ${missing.join(", ")} ${
      missing.length === 1 ? "is" : "are"
    } missing`,
    { hint: "give them as flags; `pxrun setup --help` says what they mean" },
  );
}

/** The node to talk to. */
export async function askHost(
  world: World,
  given: string | undefined,
  initial: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const check = (text: string): string | undefined =>
    parseHost(text) === undefined ? "a host, host:port or https:// URL" : undefined;
  if (!given) {
    return await ask(world, "Proxmox host (a node)", check, {
      ...(initial && { initial }),
      signal,
    });
  }
  if (check(given) === undefined) return given;
  throw new PxrunError("USAGE", `--host is not ${check(given)}`);
}

/** The SSH user on the nodes. */
export async function askSshUser(
  world: World,
  given: string | undefined,
  initial: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const check = (text: string): string | undefined =>
    /^[^\s,=@:]+$/.test(text) ? undefined : "a user name";
  if (given === undefined) {
    return await ask(world, "SSH user", check, { initial: initial ?? "root", signal });
  }
  if (check(given) === undefined) return given;
  throw new PxrunError("USAGE", `--ssh-user is not ${check(given)}`);
}

/** Which context of the config file this cluster is. */
export async function askContext(
  world: World,
  { config, file }: OpenConfig,
  given: string | undefined,
  host: string,
  signal: AbortSignal,
): Promise<string> {
  const pattern = /^[A-Za-z0-9][\w.-]*$/;
  const check = (text: string): string | undefined =>
    pattern.test(text) ? undefined : "a name of letters, digits, _ . and -";
  const contexts = Object.entries(config.contexts);
  const same = contexts.find(([, values]) => values.host === host)?.[0];
  const name = given ?? same ?? (contexts.length === 0 ? "default" : undefined);
  if (name === undefined) {
    refuseUnanswered(world, { "--context": undefined });
    world.terminal.err(`${file} knows ${contexts.map(([name]) => name).join(", ")}\n`);
    return await ask(world, "Name of this cluster there", check, { signal });
  }
  if (check(name) === undefined) return name;
  throw new PxrunError("USAGE", `--context "${name}" is not ${check(name)}`);
}

/** Reads `--scope`. */
export function readScope(text: string): Scope {
  const scope = parseScope(text);
  if (scope !== undefined) return scope;
  throw new PxrunError("USAGE", `--scope cannot be "${text}"`, { hint: SCOPE_FORM });
}

/** What the token is to reach. */
export async function askScope(
  world: World,
  there: { readonly pools: readonly string[]; readonly storages: readonly string[] },
  { pool }: ContextConfig,
  signal: AbortSignal,
): Promise<Scope> {
  const choices = [
    { value: "everything", note: "containers anywhere in the cluster" },
    { value: "a pool", note: "only its own containers" },
    { value: "storages", note: "any container, on chosen storages" },
  ];
  // The second time what was chosen the first time comes first.
  if (pool !== undefined) choices.unshift(...choices.splice(1, 1));
  const chosen = await choose(world, "What may pxrun reach?", choices, { signal });
  if (chosen === "everything") return { storages: [] };
  const isPool = chosen === "a pool";
  const known = isPool ? there.pools : there.storages;
  if (known.length > 0) world.terminal.err(`there are ${known.join(", ")}\n`);
  const scopeOf = (text: string): Scope | undefined =>
    parseScope(
      text.split(/[\s,]+/).map((name) => `${isPool ? "pool" : "storage"}:${name}`).join(","),
    );
  const text = await ask(
    world,
    isPool ? "Pool (a new one is made)" : "Storages, with commas between them",
    (text) => {
      const scope = scopeOf(text);
      if (scope === undefined) return isPool ? "one name" : "names, as local,local-lvm";
      const unknown = scope.storages.find((storage) => !known.includes(storage));
      return unknown && `there is no storage ${unknown}`;
    },
    { ...(isPool && pool !== undefined && { initial: pool }), signal },
  );
  return scopeOf(text) ?? { storages: [] };
}

/** The id of a token that somebody else has made. */
export async function askTokenId(
  world: World,
  given: string | undefined,
  initial: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const check = (text: string): string | undefined =>
    tokenIdPattern.test(text) ? undefined : "of the form user@realm!name";
  if (given === undefined) {
    return await ask(world, "Token id", check, { ...(initial && { initial }), signal });
  }
  if (check(given) === undefined) return given;
  throw new PxrunError("USAGE", `--token-id is not ${check(given)}`);
}

/** Its secret: without showing it, or from standard input. */
export async function askTokenSecret(
  world: World,
  tokenId: string,
  signal: AbortSignal,
): Promise<Secret> {
  const hint = `pipe it in: pass show proxmox | pxrun setup --no-ssh --token-id '${tokenId}' …`;
  // It belongs to the id beside it, and to no other token.
  const given = world.env["PROXMOX_TOKEN_ID"] === tokenId
    ? world.env["PROXMOX_TOKEN_SECRET"]
    : undefined;
  if (given) return new Secret(given);
  const secret = world.terminal.interactive
    ? await hidden(world, `secret of ${tokenId}`, hint, signal)
    : new Secret((await pipedIn(world, `the secret of ${tokenId}`, hint)).trim());
  if (secret.reveal().trim() !== "") return secret;
  throw new PxrunError("USAGE", `there is no secret of ${tokenId}`, { hint });
}
