import { commandLine, quote } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import { FIRST_UID, type MissingFolder } from "../../plan/host_checks.ts";
import type { Undo } from "../../run/undo.ts";

/** Every folder that has to be made, from the top. */
export function foldersToMake({ path, below }: MissingFolder): string[] {
  const top = below === "/" ? "" : below;
  const names = path.slice(top.length + 1).split("/").filter((name) => name !== "");
  return names.map((_, index) => [top, ...names.slice(0, index + 1)].join("/"));
}

/**
 * Makes a folder of a node and those above it. What the undo removes again are these
 * alone, and only while nobody has put anything into them.
 *
 * @param onNode Gives a connection to the node, a new one after it was lost.
 * @param shifted Whether it belongs to root of an unprivileged container.
 */
export async function makeFolder(
  onNode: (signal: AbortSignal | undefined) => Promise<SshTransport>,
  folder: MissingFolder,
  shifted: boolean,
  undo: Undo,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ssh = await onNode(signal);
  const folders = foldersToMake(folder);
  // Where the reply is lost, all of them may have been made.
  let made = folders;
  const none = undo.add(`remove ${folder.path}`, async (patience) => {
    const words = ["rmdir", "--ignore-fail-on-non-empty", "--", ...made.toReversed()];
    const again = await onNode(patience);
    await again.exec(`${commandLine(words)} 2>/dev/null`, { signal: patience });
  }, { byHand: `on the node: ${commandLine(["rmdir", ...folders.toReversed()])}` });
  const own = shifted ? ` && chown ${FIRST_UID}:${FIRST_UID} -- ${quote(folder.path)}` : "";
  const each = folders.map((path) => `${commandLine(["mkdir", "--", path])} && echo made`);
  const { code, stdout, stderr } = await ssh.exec(`${each.join(" && ")}${own}`, { signal });
  if (code === 0) return;
  // What another one has made meanwhile is not ours to remove.
  made = folders.slice(0, new TextDecoder().decode(stdout).split("made\n").length - 1);
  if (made.length === 0) none();
  throw new PxrunError(
    "FAILED",
    `cannot make ${folder.path}: ${new TextDecoder().decode(stderr).trim()}`,
    { hint: "make it by hand, as root of the node" },
  );
}
