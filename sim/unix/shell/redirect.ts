import { bytesOf } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import { type OpenFile, OpenText } from "../os/open_file.ts";
import type { RedirectionNode } from "./ast.ts";
import { expandHereDoc, expandText } from "./expand.ts";
import type { Shell } from "./shell.ts";
import { ExitJump, leftOut, ShellError } from "./jumps.ts";

/** Why a redirection could not be made, worded as the shell says it. */
class RedirectionError extends ShellError {}

/** Runs something with redirections, and puts the descriptors back afterwards. */
export async function redirected(
  shell: Shell,
  redirections: readonly RedirectionNode[],
  run: () => Promise<void>,
): Promise<void> {
  if (redirections.length === 0) return await run();
  const { process } = shell;
  const saved = new Map<number, OpenFile | undefined>();
  const save = (fd: number) => {
    if (!saved.has(fd)) saved.set(fd, process.fds.get(fd)?.hold());
  };
  try {
    for (const redirection of redirections) await redirect(shell, redirection, save);
    await run();
  } catch (error) {
    if (error instanceof RedirectionError) {
      for (const [fd, file] of saved) if (process.status === undefined) process.setFd(fd, file);
    } else if (!(error instanceof ShellError)) throw error;
    // Said now, while standard error is still where the command had it.
    await shell.complain(error.message);
    if (!(error instanceof RedirectionError)) throw new ExitJump(error.status);
    shell.state.status = error.status;
  } finally {
    for (const [fd, file] of saved) {
      if (process.status === undefined) process.setFd(fd, file);
      file?.release();
    }
  }
}

/** Makes redirections that stay, as `exec >file` does. */
export async function redirectForGood(
  shell: Shell,
  redirections: readonly RedirectionNode[],
): Promise<void> {
  for (const redirection of redirections) await redirect(shell, redirection, () => {});
}

async function redirect(
  shell: Shell,
  redirection: RedirectionNode,
  save: (fd: number) => void,
): Promise<void> {
  const { operator, target } = redirection;
  const fd = redirection.fd ?? (operator.startsWith("<") ? 0 : 1);
  if (target.type === "HereDoc") {
    const text = bytesOf(await expandHereDoc(shell, target.content, target.stripTabs));
    return assign(shell, fd, new OpenText(text), save);
  }
  const word = await expandText(shell, target);
  if (operator === ">&" || operator === "<&") return duplicate(shell, fd, word, save);
  assign(shell, fd, open(shell, operator, word), save);
}

function assign(
  shell: Shell,
  fd: number,
  file: OpenFile | undefined,
  save: (fd: number) => void,
): void {
  save(fd);
  shell.process.setFd(fd, file);
}

function duplicate(shell: Shell, fd: number, word: string, save: (fd: number) => void): void {
  if (word === "-") return assign(shell, fd, undefined, save);
  const source = /^\d+$/.test(word) ? shell.process.fds.get(Number(word)) : undefined;
  if (source === undefined) {
    throw new RedirectionError(`${word}: Bad file descriptor`);
  }
  assign(shell, fd, source, save);
}

function open(shell: Shell, operator: RedirectionNode["operator"], word: string): OpenFile {
  const how = HOW[operator];
  if (how === undefined) throw leftOut(operator);
  try {
    return shell.process.open(word, how);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new RedirectionError(openError(shell, how, word, error));
  }
}

const HOW: Readonly<Record<string, "read" | "write" | "append">> = {
  "<": "read",
  ">": "write",
  ">|": "write",
  ">>": "append",
};

function openError({ state }: Shell, how: string, word: string, error: Errno): string {
  const ash = state.flavor === "ash";
  const [cannot, file, directory] = ash
    ? ["can't", "no such file", "nonexistent directory"]
    : ["cannot", "No such file", "Directory nonexistent"];
  const why = error.code !== "ENOENT" ? error.message : how === "read" ? file : directory;
  return `${cannot} ${how === "read" ? "open" : "create"} ${word}: ${why}`;
}
