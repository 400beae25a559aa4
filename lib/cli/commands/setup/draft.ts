import { isPlainByChoice, plainSecrets } from "../../../config/parse_config.ts";
import type { OpenContext } from "../../../config/resolve.ts";
import type { ContextConfig } from "../../../config/types.ts";
import {
  currentContext,
  findConfig,
  type OpenConfig,
  openConfig,
  withPaths,
} from "../../../config/open_context.ts";
import { PxrunError } from "../../../core/errors.ts";
import type { Secret } from "../../../core/secret.ts";
import { type EncryptionPlan, NotInstalled, planEncryption } from "../../../setup/encryption.ts";
import { USER } from "../../../setup/steps.ts";
import { isEncrypted } from "../../../secrets/mod.ts";
import { confirmOrCancel } from "../../app/context.ts";
import { askContext, askUnless, HOST } from "./questions.ts";
import type { Draft, Setup } from "./session.ts";

/** Checks that the file can be written at all, and asks which cluster it is about. */
export async function startDraft(setup: Setup): Promise<Draft> {
  const { options, context: { platform, choice }, signal } = setup;
  const { path: file } = findConfig(platform, choice);
  const opened = await openConfig(platform, file, { adopt: true, signal });
  await platform.privateFiles.tryReplace(file);
  const encryption = await chooseEncryption(setup, opened);
  const plain = encryption === "none";
  const { contexts } = opened.config;
  const wanted = choice.context || platform.env["PXRUN_CONTEXT"] || undefined;
  const known = contexts[wanted ?? currentContext(opened.config) ?? ""]?.host;
  const given = options.host ?? platform.env["PROXMOX_HOST"];
  const host = await askUnless(given || undefined, HOST, setup, known);
  const name = await askContext(opened, wanted, host, setup);
  const inTheClear = !plain && plainSecrets(opened.text ?? "").size > 0;
  const { [name]: existing = {}, ...others } = contexts;
  const making = plain ? undefined : encryption;
  return { ...setup, file, name, host, existing, others, encryption: making, plain, inTheClear };
}

/**
 * The preparation that encrypting the file needs, or `none` if it is not to be encrypted.
 *
 * @throws {NotInstalled} Without what encrypts, unless the user agrees to a plain file.
 */
async function chooseEncryption(
  { options: { encrypt, yes }, context: { platform }, signal }: Setup,
  opened: OpenConfig,
): Promise<EncryptionPlan | "none" | undefined> {
  const { file, text = "" } = opened;
  const encrypted = isEncrypted(text);
  if (!encrypt && encrypted) {
    throw new PxrunError("USAGE", `${file} is encrypted, and stays so`, {
      hint: "leave --no-encrypt out",
    });
  }
  if (!encrypt || !encrypted && isPlainByChoice(text)) return "none";
  try {
    return await planEncryption(platform, opened, platform.self.platform);
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    const way = "a plain file of mode 0600";
    if (!platform.terminal.interactive || yes) {
      throw new NotInstalled(error.code, error.message, {
        hint: `${error.hint}\nor keep its secrets in ${way}: --no-encrypt`,
      });
    }
    platform.terminal.err(`${error.message}\n${error.hint}\n`);
    const question = `Keep the secrets in ${way} for now? pxrun config encrypt encrypts it later.`;
    await confirmOrCancel(platform, question, "write secrets unencrypted", false, signal);
    return "none";
  }
}

/** The context as a connection takes it. */
export function asContext(
  { file, name, context: { platform } }: Draft,
  values: ContextConfig,
  secret: Secret | undefined = values.token_secret,
): OpenContext {
  const whole = { ...values, ...(secret && { token_secret: secret }) };
  return { file, name, values: withPaths(whole, file, platform.home) };
}

/**
 * The name of the token: as it was, or this machine's, so that the user knows which one to remove.
 *
 * @param known The id of the token in the config.
 */
export function tokenName(
  given: string | undefined,
  known: string | undefined,
  machine: string,
): string {
  const pattern = /^[A-Za-z][\w.-]+$/;
  if (given !== undefined && !pattern.test(given)) {
    throw new PxrunError("USAGE", "--token-name is not the name of a token", {
      hint: "a letter, then letters, digits, _ . and -",
    });
  }
  const own = known?.startsWith(`${USER}!`) ? known.slice(USER.length + 1) : undefined;
  const word = machine.replace(/\..*/, "").replaceAll(/[^\w-]/g, "-").replace(/^[^A-Za-z]+/, "");
  return given ?? own ?? (pattern.test(word) ? word : "pxrun");
}
