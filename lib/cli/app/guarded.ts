import { Interrupted } from "../../core/errors.ts";
import { plain } from "../../core/plain.ts";
import { untilAborted } from "../../core/within.ts";
import type { Platform, Terminal } from "../../core/platform.ts";
import { wantsColor } from "../../render/style.ts";
import { fold } from "../../render/width.ts";
import { whileListening } from "./context.ts";

/** The colours that {@linkcode Style} has, and no others. */
// deno-lint-ignore no-control-regex -- a colour begins and ends so
const COLOR = /(\x1b\[(?:1|2|22|31|32|33|39)m)/;
/** Cursor moves of progress, questions and `list --watch`: alone in a write of their own. */
// deno-lint-ignore no-control-regex -- the cursor is moved so
const MOVE = /^(?:\r\x1b\[K|(?:\x1b\[\d+A)?(?:\r\x1b\[J|\x1b\[\d+G)|\x1b\[2J\x1b\[H)$/;

/**
 * The terminal as commands see it: their texts leave in plain characters, whatever their source, but
 * for our colors and for the moves of progress. It is the last of the places that do so, for what
 * the others forgot. The bytes of a container's own command pass as they are.
 */
export function guarded({ terminal, env }: Pick<Platform, "terminal" | "env">): Terminal {
  const out = guard(env, terminal.stdoutIsTerminal);
  const err = guard(env, terminal.stderrIsTerminal);
  return {
    ...terminal,
    out: (text) => terminal.out(out(text)),
    // Results stay as they are, for they may be copied; all else is folded at words.
    err: (text) =>
      terminal.err(fold(err(text), terminal.stderrIsTerminal ? terminal.columns() : undefined)),
  };
}

function guard(env: Platform["env"], isTerminal: boolean): (text: string) => string {
  const colors = wantsColor(env, isTerminal);
  return (text) => {
    if (isTerminal && MOVE.test(text)) return text;
    if (!colors) return plain(text);
    // Every second part is a match of the parentheses.
    return text.split(COLOR).map((part, index) => index % 2 === 0 ? plain(part) : part).join("");
  };
}

type Files = Pick<Platform, "files" | "fileStreams" | "privateFiles">;

/**
 * Files whose reading a signal ends at once. A pipe without a writer and a mount whose server is
 * down block indefinitely, and the read itself cannot be ended: it is abandoned.
 */
export function interruptibleFiles(
  { files, fileStreams, privateFiles, onInterrupt }: Files & Pick<Platform, "onInterrupt">,
): Files {
  const reading = <T>(path: string, read: Promise<T>): Promise<T> =>
    whileListening(
      { onInterrupt },
      (_, controller) => controller.abort(new Interrupted(`reading ${path}`)),
      (signal) => untilAborted(read, signal),
    );
  return {
    files: { ...files, read: (path) => reading(path, files.read(path)) },
    fileStreams: { ...fileStreams, open: (path) => reading(path, fileStreams.open(path)) },
    privateFiles: { ...privateFiles, mode: (path) => reading(path, privateFiles.mode(path)) },
  };
}
