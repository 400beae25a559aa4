import process from "node:process";
import type { ConnectOptions } from "../connect/connect.ts";
import { Secret } from "../core/secret.ts";
import type { World } from "../core/world.ts";

/** What is asked on a terminal while connecting; nothing where there is none. */
export function loginQuestions(
  world: World,
): Pick<ConnectOptions, "askCode" | "askPassword" | "confirmCertificate"> {
  if (!world.terminal.interactive) return {};
  return {
    askPassword: async (user) => new Secret(await hidden(world, `Password of ${user}`)),
    async askCode(user) {
      const { ask } = await import("./prompts.ts");
      return await ask(
        world,
        `Code of the second factor of ${user}`,
        (text) =>
          /^[\d ]{6,10}$/.test(text.trim()) ? undefined : "six digits, as the app shows them",
      );
    },
    async confirmCertificate({ place, fingerprint, subject, why }) {
      const { confirm } = await import("./prompts.ts");
      world.terminal.err(
        `The certificate of ${place} is not known: ${why}.\n` +
          `  it names   ${subject}\n  SHA-256    ${fingerprint}\n` +
          "Compare it with what `pvenode cert info` prints on the node.\n",
      );
      if (!await confirm(world, "Is it the same?", false)) return false;
      world.terminal.err(
        `going on with it in this run; to keep it:\n  export PROXMOX_FINGERPRINT=${fingerprint}\n`,
      );
      return true;
    },
  };
}

/** A line that is not shown while it is typed. */
async function hidden(world: World, message: string): Promise<string> {
  const { orInterrupted, line } = await import("./prompts.ts");
  if (world.env["TERM"] === "dumb") return await line(world, `${message} (it will be seen): `);
  const { default: password } = await import("@inquirer/password");
  return await orInterrupted(password({ message, mask: false }, { output: process.stderr }));
}
