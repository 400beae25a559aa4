import type { ContextConfig } from "../../../config/types.ts";
import { untilAborted } from "../../../core/within.ts";
import { contextChanges, fullPath, keptFor, sshFromEnv } from "../../../setup/context_values.ts";
import { proveAccess } from "../../../setup/node.ts";
import type { SeenCertificate } from "../../../proxmox/http/errors.ts";
import { askCertificate } from "../../prompts/connect_questions.ts";
import { asContext, startDraft } from "./draft.ts";
import { finish, write } from "./finish.ts";
import { askTokenSecret, askUnless, refuseUnanswered, TOKEN_ID } from "./questions.ts";
import type { Setup } from "./session.ts";

/** Writes a token that exists already to the config file. */
export async function withToken(setup: Setup): Promise<void> {
  const { options, context: { platform }, signal } = setup;
  const { env, terminal } = platform;
  const givenId = options.tokenId ?? (env["PROXMOX_TOKEN_ID"] || undefined);
  refuseUnanswered(platform, {
    "--host": options.host ?? env["PROXMOX_HOST"],
    "--token-id": givenId,
    "--yes": options.yes,
  });
  const draft = await startDraft(setup);
  const { host, existing } = draft;
  const tokenId = await askUnless(givenId, TOKEN_ID, setup, existing.token_id);
  const secret = await askTokenSecret(tokenId, setup);
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
  const asked = terminal.interactive ? { confirmCertificate } : {};
  await untilAborted(proveAccess(platform, asContext(draft, values()), asked), signal);
  const writes = draft.inTheClear || contextChanges("", values(), existing).length > 0;
  await finish({ place: `on ${host}`, actions: [], writes }, draft, () => write(draft, values()));
}
