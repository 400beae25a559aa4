import type { ConnectOptions } from "../../cluster/connect.ts";
import { Secret } from "../../core/secret.ts";
import type { Platform } from "../../core/platform.ts";
import type { SeenCertificate } from "../../proxmox/http/errors.ts";
import type { SshQuestions } from "../../ssh/auth/questions.ts";

/** They are loaded by the first question. */
const prompts = () => import("./prompts.ts");

/** What is asked on a terminal while connecting. */
export function loginQuestions(
  platform: Platform,
  signal?: AbortSignal,
): Required<Pick<ConnectOptions, "askCode" | "askPassword" | "confirmCertificate">> {
  return {
    async askPassword(user) {
      return await (await prompts()).hidden(
        platform,
        `password of ${user}`,
        "PROXMOX_PASSWORD or the config file can hold it; an API token is the better way",
        signal,
      );
    },
    async askCode(user) {
      return await (await prompts()).ask(
        platform,
        `code of the second factor of ${user}`,
        (text) =>
          /^[\d ]{6,10}$/.test(text.trim()) ? undefined : "six digits, as the app shows them",
        { signal },
      );
    },
    async confirmCertificate(seen) {
      if (!await askCertificate(platform, seen, signal)) return false;
      platform.terminal.err(
        `going on with it in this run; to keep it:\n  export PROXMOX_FINGERPRINT=${seen.fingerprint}\n`,
      );
      return true;
    },
  };
}

/** Shows a certificate that nobody vouches for, and asks whether it is the right one. */
export async function askCertificate(
  platform: Platform,
  { place, fingerprint, subject, why }: SeenCertificate,
  signal?: AbortSignal,
): Promise<boolean> {
  platform.terminal.err(
    `The certificate of ${place} is not known: ${why}.\n` +
      `  it names   ${subject}\n  SHA-256    ${fingerprint}\n` +
      "Compare it with what `pvenode cert info` prints on the node.\n",
  );
  return await (await prompts()).confirm(platform, "Is it the same?", false, { signal });
}

/** Puts SSH's questions on the terminal. */
export function terminalQuestions(platform: Platform, signal?: AbortSignal): SshQuestions {
  return {
    async trust({ host, type, fingerprint, compare }) {
      platform.terminal.err(
        `SSH does not know ${host} yet. Its host key is\n` +
          `  ${type} ${fingerprint}\n` +
          `and must be what \`${compare}\` prints on that host itself.\n`,
      );
      return await (await prompts()).confirm(
        platform,
        "Is it the right one? A yes adds it to known_hosts.",
        false,
        { signal },
      );
    },
    async passphrase(path, attempt) {
      if (attempt > 1) platform.terminal.err("that passphrase does not open it\n");
      return await (await prompts()).hidden(
        platform,
        `passphrase of ${path}`,
        "`ssh-add` beforehand lets the SSH agent use the key",
        signal,
      );
    },
    async login(who, prompt, echo) {
      const message = `${prompt} (${who})`;
      if (echo) {
        return new Secret(
          await (await prompts()).ask(platform, message, () => undefined, { signal }),
        );
      }
      return await (await prompts()).hidden(
        platform,
        message,
        "`ssh-copy-id` lets a key in, so that nothing is asked",
        signal,
      );
    },
  };
}
