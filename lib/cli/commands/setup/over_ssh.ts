import type { ContextConfig } from "../../../config/types.ts";
import { parseHost } from "../../../config/forms.ts";
import { PxrunError } from "../../../core/errors.ts";
import type { Secret } from "../../../core/secret.ts";
import { untilAborted } from "../../../core/within.ts";
import { setUpNode } from "../../../setup/apply.ts";
import { contextChanges, keptFor, sshFromEnv } from "../../../setup/context_values.ts";
import { inspectNode, type NodeFindings } from "../../../setup/inspect_node.ts";
import { openSetupNode, proveAccess } from "../../../setup/node.ts";
import { isEverything, type Scope } from "../../../setup/scope.ts";
import { type Access, setupActions, tokenId } from "../../../setup/steps.ts";
import { readSshConfig } from "../../../ssh/route/config.ts";
import { showProgress } from "../../app/progress.ts";
import { terminalQuestions } from "../../prompts/connect_questions.ts";
import { asContext, startDraft, tokenName } from "./draft.ts";
import { finish, tell, write } from "./finish.ts";
import { askScope, askUnless, readScope, refuseUnanswered, SSH_USER } from "./questions.ts";
import type { Draft, Setup } from "./session.ts";

/** Makes a token on a node, and writes it to the config file. */
export async function overSsh(setup: Setup): Promise<void> {
  const { options, context, signal } = setup;
  const { platform } = context;
  const { terminal, env, self, clock } = platform;
  const givenUser = options.sshUser ?? (env["SSH_USER"] || undefined);
  refuseUnanswered(platform, {
    "--host": options.host ?? env["PROXMOX_HOST"],
    "--ssh-user": givenUser,
    "--scope": options.scope,
    "--yes": options.yes,
  });
  const givenScope = options.scope === undefined ? undefined : readScope(options.scope);
  const draft = await startDraft(setup);
  const { existing } = draft;
  const kept = keptFor(draft.host, existing);
  const sshUser = await askUnless(givenUser, SSH_USER, setup, existing.ssh?.user ?? "root");
  await using node = await openSetupNode(platform, {
    host: draft.host,
    sshUser,
    context: asContext(draft, kept),
    signal,
    warn: (line) => tell(context, line, "!"),
    ask: terminal.interactive ? terminalQuestions(platform, signal) : undefined,
  });
  const findings = await untilAborted(inspectNode(node), signal);
  const scope = givenScope ?? await askScope(findings, draft);
  refuseUnknownStorages(scope, findings);
  const access = { scope, tokenName: tokenName(options.tokenName, existing.token_id, self.host) };
  const values = await valuesOf(draft, kept, node.user, access, findings);
  const keeps = await untilAborted(keepsToken(draft, values, findings, access), signal);
  if (!keeps) refuseTakenToken(draft, values, findings, access);
  const actions = setupActions(access, findings, keeps);
  const writes = actions.length > 0 || draft.inTheClear ||
    contextChanges("", values, existing).length > 0;
  const place = `on ${node.place}, Proxmox VE ${findings.version}`;
  await finish({ place, actions, writes }, draft, async () => {
    if (!writes) return;
    // Not interrupted while it writes: a token in the config is there on the cluster.
    const then = async (secret: Secret | undefined): Promise<void> => {
      await untilAborted(proveAccess(platform, asContext(draft, values, secret)), signal);
      await write(draft, { ...values, ...(secret && { token_secret: secret }) });
    };
    const events = setUpNode(node, actions, { clock, signal, then });
    for await (const _ of showProgress(events, context));
  });
}

function refuseUnknownStorages({ storages }: Scope, findings: NodeFindings): void {
  const unknown = storages.filter((storage) => !findings.storages.includes(storage));
  if (unknown.length === 0) return;
  throw new PxrunError("NOT_FOUND", `there is no storage ${unknown.join(", ")}`, {
    hint: `there are ${findings.storages.join(", ")}`,
  });
}

/** Replacing a token takes the login away from every other context that has it. */
function refuseTakenToken(
  { others, name }: Draft,
  { host = "", token_id, fingerprint }: ContextConfig,
  { tokens }: NodeFindings,
  access: Access,
): void {
  if (!tokens.includes(access.tokenName)) return;
  const taken = Object.entries(others).find(([, other]) =>
    other.token_id === token_id &&
    (parseHost(other.host ?? "") === parseHost(host) || other.fingerprint === fingerprint)
  );
  if (taken === undefined) return;
  throw new PxrunError("USAGE", `the context ${taken[0]} logs in by the token ${token_id}`, {
    hint: `--token-name NAME makes another one for ${name}`,
  });
}

/** All of the context; the secret as it was. */
async function valuesOf(
  { host, context: { platform } }: Draft,
  existing: ContextConfig,
  user: string,
  access: Access,
  { fingerprint, members }: NodeFindings,
): Promise<ContextConfig> {
  // The scope says whether there is one.
  const { pool: _pool, ...kept } = existing;
  const ssh = { ...kept.ssh, ...sshFromEnv(platform) };
  const nodes: Record<string, string> = { ...ssh.nodes };
  // A token with fewer rights cannot ask the cluster where its nodes are.
  const unaskable = isEverything(access.scope) || members.length < 2 ? [] : members;
  for (const { name, ip } of unaskable) {
    if (ip === undefined || nodes[name] !== undefined) continue;
    if (!(await readSshConfig(name, platform)).named) {
      nodes[name] = ip.includes(":") ? `[${ip}]` : ip;
    }
  }
  return {
    ...kept,
    host,
    token_id: tokenId(access),
    fingerprint,
    ssh: { ...ssh, user, ...(Object.keys(nodes).length > 0 && { nodes }) },
    ...(access.scope.pool !== undefined && { pool: access.scope.pool }),
  };
}

/** A token whose secret is in the config, and that works, is left alone. */
async function keepsToken(
  draft: Draft,
  values: ContextConfig,
  { tokens }: NodeFindings,
  access: Access,
): Promise<boolean> {
  const { token_id, token_secret } = draft.existing;
  if (token_id !== tokenId(access) || !token_secret || !tokens.includes(access.tokenName)) {
    return false;
  }
  try {
    await proveAccess(draft.context.platform, asContext(draft, values));
    return true;
  } catch (error) {
    if (error instanceof PxrunError && error.code === "UNAUTHORIZED") return false;
    throw error;
  }
}
