import { limits } from "../../core/limits.ts";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { untilAborted, within } from "../../core/within.ts";
import type { Platform } from "../../core/platform.ts";
import type { Choice } from "./prompts.ts";

/** The public keys that `ssh` would use by itself, the best first. */
const FILES = ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa"];

/** A public key, as a recipe takes it: its file in the home directory, or the key itself. */
export interface FoundKey extends Choice {
  /** Its form in the recipe. */
  readonly key: string;
}

/** The user's own public keys: those in `~/.ssh`, or those of the SSH agent. */
export async function findKeys(
  platform: Pick<Platform, "env" | "home" | "files" | "clock">,
): Promise<FoundKey[]> {
  const { env, home, files } = platform;
  const read = await Promise.all(FILES.map(async (name) => {
    const bytes = home === undefined
      ? undefined
      : await files.read(join(home, ".ssh", `${name}.pub`)).catch(() => undefined);
    const path = `~/.ssh/${name}.pub`;
    return bytes !== undefined && /^(sk-)?(ssh|ecdsa)-\S+ \S+/.test(new TextDecoder().decode(bytes))
      ? [{ value: path, key: path }]
      : [];
  }));
  const socket = env["SSH_AUTH_SOCK"];
  const inFiles = read.flat();
  return inFiles.length > 0 || !socket ? inFiles : await agentKeys(socket, platform.clock);
}

async function agentKeys(socket: string, clock: Platform["clock"]): Promise<FoundKey[]> {
  const { listAgentKeys } = await import("../../ssh/auth/agent.ts");
  const patience = { clock, ms: limits.prompts.agent, what: "the SSH agent" };
  const keys = await within(patience, (late) => untilAborted(listAgentKeys(socket), late))
    .catch(() => undefined);
  return (keys ?? []).map(({ type, publicKey, comment }) => ({
    value: comment || type,
    note: "of the SSH agent",
    key: [type, Buffer.from(publicKey).toString("base64"), comment].join(" ").trim(),
  }));
}
