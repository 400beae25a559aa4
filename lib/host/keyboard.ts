import process from "node:process";
import readline from "node:readline";
import type { Key, KeyListener } from "../core/platform.ts";
import { system } from "./system.ts";

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
    if (key.ctrl === true && key.name === "z" && system.hasJobs) {
      raw(false);
      if (!suspend()) raw(true);
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

/**
 * Stops all of the job, as the terminal itself does: a launcher that waits for this process, too.
 *
 * @returns False if this process may not.
 */
function suspend(): boolean {
  try {
    return process.kill(0, "SIGTSTP");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
  // Deno lets a process send signals that may run every program. The launchers allow this one alone.
  try {
    void new Deno.Command("kill", {
      args: ["-s", "TSTP", "0"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn().status;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return false;
    }
    throw error;
  }
}

function keyOf(text: string | undefined, { name = "", ctrl = false, meta = false }: Keypress): Key {
  const isText = text !== undefined && !ctrl && !meta && !/^\p{C}/u.test(text);
  return { name, ctrl, text: isText ? text : "" };
}
