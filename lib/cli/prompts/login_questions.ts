import type { ConnectOptions } from "../../cluster/connect.ts";
import type { World } from "../../core/world.ts";
import type { SeenCertificate } from "../../proxmox/http/errors.ts";

/** What is asked on a terminal while connecting; the prompts are loaded by the first question. */
export function loginQuestions(
  world: World,
  signal?: AbortSignal,
): Required<Pick<ConnectOptions, "askCode" | "askPassword" | "confirmCertificate">> {
  return {
    async askPassword(user) {
      const { hidden } = await import("./prompts.ts");
      return await hidden(
        world,
        `password of ${user}`,
        "PROXMOX_PASSWORD or the config file can hold it; an API token is the better way",
        signal,
      );
    },
    async askCode(user) {
      const { ask } = await import("./prompts.ts");
      return await ask(
        world,
        `code of the second factor of ${user}`,
        (text) =>
          /^[\d ]{6,10}$/.test(text.trim()) ? undefined : "six digits, as the app shows them",
        { signal },
      );
    },
    async confirmCertificate(seen) {
      if (!await askCertificate(world, seen, signal)) return false;
      world.terminal.err(
        `going on with it in this run; to keep it:\n  export PROXMOX_FINGERPRINT=${seen.fingerprint}\n`,
      );
      return true;
    },
  };
}

/** Shows a certificate that nobody vouches for, and asks whether it is the right one. */
export async function askCertificate(
  world: World,
  { place, fingerprint, subject, why }: SeenCertificate,
  signal?: AbortSignal,
): Promise<boolean> {
  const { confirm } = await import("./prompts.ts");
  world.terminal.err(
    `The certificate of ${place} is not known: ${why}.\n` +
      `  it names   ${subject}\n  SHA-256    ${fingerprint}\n` +
      "Compare it with what `pvenode cert info` prints on the node.\n",
  );
  return await confirm(world, "Is it the same?", false, { signal });
}
