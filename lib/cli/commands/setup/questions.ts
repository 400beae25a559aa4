import { parseHost, tokenIdPattern } from "../../../config/forms.ts";
import type { OpenConfig } from "../../../config/open_context.ts";
import { PxrunError } from "../../../core/errors.ts";
import { Secret } from "../../../core/secret.ts";
import type { Platform } from "../../../core/platform.ts";
import type { NodeFindings } from "../../../setup/inspect_node.ts";
import { parseScope, type Scope, SCOPE_FORM } from "../../../setup/scope.ts";
import { ask, choose, hidden, pipedIn } from "../../prompts/prompts.ts";
import type { Draft, Setup } from "./session.ts";

/** Without a terminal every answer has to be there before anything is done. */
export function refuseUnanswered(
  { terminal }: Platform,
  answers: Readonly<Record<string, string | boolean | undefined>>,
): void {
  const missing = Object.keys(answers).filter((flag) => !answers[flag]);
  if (terminal.interactive || missing.length === 0) return;
  const are = missing.length === 1 ? "is" : "are";
  const message = `cannot set up: this is not a terminal, and ${missing.join(", ")} ${are} missing`;
  throw new PxrunError("USAGE", message, {
    hint: "give them as flags; `pxrun setup --help` says what they mean",
  });
}

/** A question that a flag answers beforehand. */
interface Asked {
  readonly flag: string;
  readonly question: string;
  /** Form of an answer, in words. */
  readonly form: string;
  fits(text: string): boolean;
}

/** The node to connect to. */
export const HOST: Asked = {
  flag: "--host",
  question: "Proxmox host (a node)",
  form: "a host, host:port or https:// URL",
  fits: (text) => parseHost(text) !== undefined,
};

/** The SSH user on the nodes. */
export const SSH_USER: Asked = {
  flag: "--ssh-user",
  question: "SSH user",
  form: "a user name",
  fits: (text) => /^[^\s,=@:]+$/.test(text),
};

/** The id of a token that exists already. */
export const TOKEN_ID: Asked = {
  flag: "--token-id",
  question: "Token id",
  form: "of the form user@realm!name",
  fits: (text) => tokenIdPattern.test(text),
};

const CONTEXT: Asked = {
  flag: "--context",
  question: "Name of this cluster there",
  form: "a name of letters, digits, _ . and -",
  fits: (text) => /^[A-Za-z0-9][\w.-]*$/.test(text),
};

/** The part of a setup that questions need. */
type Asker = Pick<Setup, "context" | "signal">;

/**
 * The answer that was given beforehand, or the user's.
 *
 * @throws {PxrunError} USAGE when the one that was given does not fit.
 */
export async function askUnless(
  given: string | undefined,
  { flag, question, form, fits }: Asked,
  { context: { platform }, signal }: Asker,
  initial?: string,
): Promise<string> {
  if (given === undefined) {
    const check = (text: string): string | undefined => fits(text) ? undefined : form;
    return await ask(platform, question, check, { initial: initial || undefined, signal });
  }
  if (fits(given)) return given;
  throw new PxrunError("USAGE", `${flag} is not ${form}`);
}

/** The context of the config file for this cluster. */
export async function askContext(
  { config, file }: OpenConfig,
  given: string | undefined,
  host: string,
  asker: Asker,
): Promise<string> {
  const { platform } = asker.context;
  const contexts = Object.entries(config.contexts);
  const same = contexts.find(([, values]) => values.host === host)?.[0];
  const name = given ?? same ?? (contexts.length === 0 ? "default" : undefined);
  if (name === undefined) {
    refuseUnanswered(platform, { "--context": undefined });
    platform.terminal.err(`${file} knows ${contexts.map(([name]) => name).join(", ")}\n`);
  }
  return await askUnless(name, CONTEXT, asker);
}

/** Reads `--scope`. */
export function readScope(text: string): Scope {
  const scope = parseScope(text);
  if (scope !== undefined) return scope;
  throw new PxrunError("USAGE", `--scope cannot be "${text}"`, { hint: SCOPE_FORM });
}

/** Asks for the reach of the token. */
export async function askScope(
  there: Pick<NodeFindings, "pools" | "storages">,
  { existing: { pool }, context: { platform }, signal }: Draft,
): Promise<Scope> {
  const choices = [
    { value: "everything", note: "containers anywhere in the cluster" },
    { value: "a pool", note: "only its own containers" },
    { value: "storages", note: "any container, on chosen storages" },
  ];
  // The second time what was chosen the first time comes first.
  if (pool !== undefined) choices.unshift(...choices.splice(1, 1));
  const chosen = await choose(platform, "What may pxrun reach?", choices, { signal });
  if (chosen === "everything") return { storages: [] };
  const isPool = chosen === "a pool";
  const known = isPool ? there.pools : there.storages;
  if (known.length > 0) platform.terminal.err(`there are ${known.join(", ")}\n`);
  const scopeOf = (text: string): Scope | undefined =>
    parseScope(
      text.split(/[\s,]+/).map((name) => `${isPool ? "pool" : "storage"}:${name}`).join(","),
    );
  const text = await ask(
    platform,
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

/** Its secret: without showing it, or from standard input. */
export async function askTokenSecret(
  tokenId: string,
  { context: { platform }, signal }: Asker,
): Promise<Secret> {
  const hint = `pipe it in: pass show proxmox | pxrun setup --no-ssh --token-id '${tokenId}' …`;
  // It belongs to the id beside it, and to no other token.
  const given = platform.env["PROXMOX_TOKEN_ID"] === tokenId
    ? platform.env["PROXMOX_TOKEN_SECRET"]
    : undefined;
  if (given) return new Secret(given);
  const secret = platform.terminal.interactive
    ? await hidden(platform, `secret of ${tokenId}`, hint, signal)
    : new Secret((await pipedIn(platform, `the secret of ${tokenId}`, hint)).trim());
  if (secret.reveal().trim() !== "") return secret;
  throw new PxrunError("USAGE", `there is no secret of ${tokenId}`, { hint });
}
