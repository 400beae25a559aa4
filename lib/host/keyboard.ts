import process from "node:process";
import readline from "node:readline";
import type { Key, KeyListener } from "../core/platform.ts";

/** A key as Node reports it. */
interface Keypress {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

/**
 * Hands over each key of the terminal, until the returned function is called. Node's standard input
 * gives up a read that has begun: what is typed afterwards is there for whatever reads next.
 */
export function listen({ onKey, onResume, onEnd }: KeyListener): () => void {
  const { stdin } = process;
  const raw = (on: boolean): void => void stdin.setRawMode?.(on);
  const onKeypress = (text: string | undefined, key: Keypress): void => {
    if (key.ctrl === true && key.name === "z" && process.platform !== "win32") {
      raw(false);
      process.kill(process.pid, "SIGTSTP");
      return;
    }
    onKey(keyOf(text, key));
  };
  const onContinue = (): void => {
    // The shell has changed the terminal, if it was the shell that had the program stopped.
    raw(false);
    raw(true);
    onResume();
  };
  readline.emitKeypressEvents(stdin);
  stdin.on("keypress", onKeypress);
  stdin.on("end", onEnd);
  process.on("SIGCONT", onContinue);
  raw(true);
  stdin.resume();
  return () => {
    stdin.off("keypress", onKeypress);
    stdin.off("end", onEnd);
    process.off("SIGCONT", onContinue);
    raw(false);
    stdin.pause();
  };
}

function keyOf(text: string | undefined, { name = "", ctrl = false, meta = false }: Keypress): Key {
  const isText = text !== undefined && !ctrl && !meta && !/^\p{C}/u.test(text);
  return { name, ctrl, text: isText ? text : "" };
}
