import type { ContextConfig } from "../../../config/schema.ts";
import { untilAborted } from "../../../core/within.ts";
import { contextChanges, fullPath, keptFor, sshFromEnv } from "../../../setup/context_values.ts";
import { proveAccess } from "../../../setup/prove.ts";
import type { SeenCertificate } from "../../../proxmox/http/errors.ts";
import type { Context } from "../../app/context.ts";
import { askCertificate } from "../../prompts/connect_questions.ts";
import { asContext, type SetupOptions, startDraft } from "./draft.ts";
import { agreed, lastWord, makeKey, write } from "./finish.ts";
import { askTokenSecret, askUnless, refuseUnanswered, TOKEN_ID } from "./questions.ts";

/** Takes a token that somebody else has made, and writes it to the config file. */
export async function withToken(
  options: SetupOptions,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { platform } = context;
  const { env, terminal } = platform;
  const givenId = options.tokenId ?? (env["PROXMOX_TOKEN_ID"] || undefined);
  refuseUnanswered(platform, {
    "--host": options.host ?? env["PROXMOX_HOST"],
    "--token-id": givenId,
    "--yes": options.yes,
  });
  const draft = await startDraft(options, context, signal);
  const { host, existing } = draft;
  const tokenId = await askUnless(givenId, TOKEN_ID, platform, signal, existing.token_id);
  const secret = await askTokenSecret(platform, tokenId, signal);
  const user = options.sshUser ?? env["SSH_USER"];
  const { fingerprint: pinned, ...rest } = keptFor(host, existing);
  const ca = fullPath(env["PROXMOX_CA_FILE"], platform.cwd);
  // What was pinned would go before the CA.
  let fingerprint = env["PROXMOX_FINGERPRINT"] || (ca ? undefined : pinned);
  const values = (): ContextConfig => ({
    ...rest,
    host,
    token_id: tokenId,
    token_secret: secret,
    ssh: { ...rest.ssh, ...sshFromEnv(platform), ...(user && { user }) },
    ...(ca && { ca_file: ca }),
    ...(fingerprint && { fingerprint }),
  });
  const confirmCertificate = async (seen: SeenCertificate): Promise<boolean> => {
    const right = await askCertificate(platform, seen, signal);
    if (right) fingerprint = seen.fingerprint;
    return right;
  };
  await untilAborted(
    proveAccess(
      platform,
      asContext(draft, values(), context),
      terminal.interactive ? { confirmCertificate } : {},
    ),
    signal,
  );
  const changed = draft.inTheClear || contextChanges("", values(), existing).length > 0;
  const plan = { place: `on ${host}`, actions: [], writes: changed };
  await agreed(plan, draft, options, context, signal);
  await makeKey(draft, context);
  await write(draft, values(), context);
  const asks = terminal.interactive && !options.yes;
  await lastWord(draft, { changed, asks }, context, signal);
}
