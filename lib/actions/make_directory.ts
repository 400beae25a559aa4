import { commandLine, quote } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import type { ClusterModule } from "./context.ts";

/** First uid of an unprivileged container on the node. */
export const FIRST_UID = 100_000;

/** A directory of the node, and those above it that are missing, are made for a bind mount. */
export interface MakeDirectory {
  readonly kind: "make-directory";
  /** `directory:/srv/data` */
  readonly id: string;
  readonly node: string;
  readonly path: string;
  /** The nearest directory above it that exists. */
  readonly below: string;
  /** True if it is to belong to root of an unprivileged container. */
  readonly shifted: boolean;
}

/** Every directory that has to be made, from the top. */
export function directoriesToMake(
  { path, below }: Pick<MakeDirectory, "path" | "below">,
): string[] {
  const top = below === "/" ? "" : below;
  const names = path.slice(top.length + 1).split("/").filter((name) => name !== "");
  return names.map((_, index) => [top, ...names.slice(0, index + 1)].join("/"));
}

/** The undo removes only what was made here, and only while it is empty. */
export const makeDirectory: ClusterModule<MakeDirectory> = {
  describe: ({ node, path }) => ({
    title: `make ${path} on ${node}`,
    by: "SSH",
    call: `mkdir ${path}`,
    why: "the API cannot make directories of a node",
  }),
  async run(action, { cluster, undo, signal }) {
    const { node, path, shifted } = action;
    const ssh = await cluster.ssh(node, signal);
    const directories = directoriesToMake(action);
    // Where the reply is lost, all of them may have been made.
    let made = directories;
    const none = undo.add(`remove ${path}`, async (patience) => {
      const words = ["rmdir", "--ignore-fail-on-non-empty", "--", ...made.toReversed()];
      const again = await cluster.ssh(node, patience);
      await again.exec(`${commandLine(words)} 2>/dev/null`, { signal: patience });
    }, { byHand: `on the node: ${commandLine(["rmdir", ...directories.toReversed()])}` });
    const own = shifted ? ` && chown ${FIRST_UID}:${FIRST_UID} -- ${quote(path)}` : "";
    const each = directories.map((one) => `${commandLine(["mkdir", "--", one])} && echo made`);
    const { code, stdout, stderr } = await ssh.exec(`${each.join(" && ")}${own}`, { signal });
    if (code === 0) return { done: `made ${path} on ${node}` };
    // What another client has made meanwhile is not ours to remove.
    made = directories.slice(0, new TextDecoder().decode(stdout).split("made\n").length - 1);
    if (made.length === 0) none();
    throw new PxrunError(
      "FAILED",
      `cannot make ${path}: ${new TextDecoder().decode(stderr).trim()}`,
      { hint: "make it manually, as root of the node" },
    );
  },
};
