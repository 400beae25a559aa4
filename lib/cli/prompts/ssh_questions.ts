import { Secret } from "../../core/secret.ts";
import type { World } from "../../core/world.ts";
import type { SshQuestions } from "../../ssh/auth/questions.ts";

/** Puts SSH's questions on the terminal; the prompts are loaded by the first one. */
export function terminalQuestions(world: World, signal?: AbortSignal): SshQuestions {
  return {
    async trust({ host, type, fingerprint, compare }) {
      world.terminal.err(
        `SSH does not know ${host} yet. Its host key is\n` +
          `  ${type} ${fingerprint}\n` +
          `and must be what \`${compare}\` prints on that host itself.\n`,
      );
      const { confirm } = await import("./prompts.ts");
      return await confirm(
        world,
        "Is it the right one? A yes adds it to known_hosts.",
        false,
        { signal },
      );
    },
    async passphrase(path, attempt) {
      const { hidden } = await import("./prompts.ts");
      if (attempt > 1) world.terminal.err("that passphrase does not open it\n");
      return await hidden(
        world,
        `passphrase of ${path}`,
        "`ssh-add` beforehand lets the SSH agent use the key",
        signal,
      );
    },
    async login(who, prompt, echo) {
      const { ask, hidden } = await import("./prompts.ts");
      const message = `${prompt} (${who})`;
      if (echo) return new Secret(await ask(world, message, () => undefined, { signal }));
      return await hidden(
        world,
        message,
        "`ssh-copy-id` lets a key in, so that nothing is asked",
        signal,
      );
    },
  };
}
