import type { ConnectOptions } from "../../cluster/connect.ts";
import { Secret } from "../../core/secret.ts";
import type { Platform } from "../../core/platform.ts";
import type { SeenCertificate } from "../../proxmox/http/errors.ts";
import type { SshQuestions } from "../../ssh/auth/questions.ts";

/** Questions on the terminal; what asks them is loaded by the first one. */
function asker(platform: Platform, signal: AbortSignal | undefined) {
  const prompts = () => import("./prompts.ts");
  return {
    ask: async (message: string, check: (text: string) => string | undefined) =>
      await (await prompts()).ask(platform, message, check, { signal }),
    confirm: async (message: string) =>
      await (await prompts()).confirm(platform, message, false, { signal }),
    hidden: async (message: string, hint: string) =>
      await (await prompts()).hidden(platform, message, hint, signal),
  };
}

const CODE = /^[\d ]{6,10}$/;

/** The questions of a login, on a terminal. */
export function loginQuestions(
  platform: Platform,
  signal?: AbortSignal,
): Required<Pick<ConnectOptions, "askCode" | "askPassword" | "confirmCertificate">> {
  const { ask, hidden } = asker(platform, signal);
  return {
    askPassword: (user) =>
      hidden(
        `password of ${user}`,
        "PROXMOX_PASSWORD or the config file can hold it; an API token is the better way",
      ),
    askCode: (user) =>
      ask(
        `code of the second factor of ${user}`,
        (text) => CODE.test(text.trim()) ? undefined : "six digits, as the app shows them",
      ),
    async confirmCertificate(seen) {
      if (!await askCertificate(platform, seen, signal)) return false;
      platform.terminal.err(
        `going on with it in this run; to keep it:\n  export PROXMOX_FINGERPRINT=${seen.fingerprint}\n`,
      );
      return true;
    },
  };
}

/** Shows a certificate that no CA vouches for, and asks whether it is the right one. */
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
  return await asker(platform, signal).confirm("Is it the same?");
}

/** The questions of SSH, on a terminal. */
export function terminalQuestions(platform: Platform, signal?: AbortSignal): SshQuestions {
  const { ask, confirm, hidden } = asker(platform, signal);
  return {
    trust({ host, type, fingerprint, compare }) {
      platform.terminal.err(
        `SSH does not know ${host} yet. Its host key is\n` +
          `  ${type} ${fingerprint}\n` +
          `and must be what \`${compare}\` prints on that host itself.\n`,
      );
      return confirm("Is it the right one? A yes adds it to known_hosts.");
    },
    passphrase(path, attempt) {
      if (attempt > 1) platform.terminal.err("that passphrase does not open it\n");
      const hint = "`ssh-add` beforehand lets the SSH agent use the key";
      return hidden(`passphrase of ${path}`, hint);
    },
    async login(who, prompt, echo) {
      const message = `${prompt} (${who})`;
      if (echo) return new Secret(await ask(message, () => undefined));
      return await hidden(message, "`ssh-copy-id` lets a key in, so that nothing is asked");
    },
  };
}
