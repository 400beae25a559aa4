import { bytesOf } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import { type OpenFile, OpenText } from "../os/open_file.ts";
import type { RedirectionNode } from "./ast.ts";
import { expandHereDoc, expandText } from "./expand.ts";
import type { Shell } from "./shell.ts";
import { ExitJump, ShellError } from "./state.ts";

/** Why a redirection could not be made, worded as the shell says it. */
export class RedirectionError extends Error {}

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
    if (error instanceof ShellError) {
      // Said now, while standard error is still where the command had it.
      await shell.complain(error.message);
      throw new ExitJump(error.status);
    }
    if (!(error instanceof RedirectionError)) throw error;
    for (const [fd, file] of saved) if (process.status === undefined) process.setFd(fd, file);
    await shell.complain(error.message);
    shell.state.status = shell.state.flavor === "bash" ? 1 : 2;
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
  const both = operator === "&>" || operator === "&>>";
  if (operator === "<<<") return assign(shell, fd, new OpenText(bytesOf(word + "\n")), save);
  if (operator === ">&" || operator === "<&") return duplicate(shell, fd, word, save);
  const file = open(shell, operator, word);
  assign(shell, fd, file, save);
  if (both) assign(shell, 2, file, save);
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
  const { process } = shell;
  try {
    if (operator === "<") return process.open(word, "read");
    if (operator === "<>") return process.open(word, "both");
    if (operator === ">>" || operator === "&>>") return process.open(word, "append");
    const node = process.system.tree.find(process.path(word));
    if (operator === ">" && shell.state.options.has("noclobber") && node?.kind === "file") {
      throw new Errno("EEXIST");
    }
    return process.open(word, "write");
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new RedirectionError(openError(shell, operator, word, error));
  }
}

function openError(shell: Shell, operator: string, word: string, error: Errno): string {
  if (shell.state.flavor === "bash") return `${word}: ${error.message}`;
  const verb = operator === "<" ? "open" : "create";
  if (error.code === "ENOENT") {
    const missing = verb === "open" ? "No such file" : "Directory nonexistent";
    return shell.state.flavor === "dash"
      ? `cannot ${verb} ${word}: ${missing}`
      : `can't ${verb} ${word}: ${verb === "open" ? "no such file" : "nonexistent directory"}`;
  }
  return `${shell.state.flavor === "dash" ? "cannot" : "can't"} ${verb} ${word}: ${error.message}`;
}
