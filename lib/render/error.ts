import { PxrunError } from "../core/errors.ts";
import { plain } from "../core/plain.ts";
import { lastWords, taskBehind } from "../proxmox/http/errors.ts";
import { adviceText, withAdvice } from "./remedy.ts";
import type { Style } from "./style.ts";

/** Text of an error; with the stack only if asked for. */
export function errorText(error: unknown, style: Style, debug: boolean): string {
  if (!(error instanceof PxrunError)) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    return `${style.red("bug")}: ${plain(text)}\n` +
      "This is a fault of pxrun itself; please report it with what you typed.\n";
  }
  // The user's own decision is not an error.
  if (error.code === "CANCELLED") return `${error.message}\n`;
  // Several ways are put below each other.
  const ways = adviceText(error)?.replaceAll("\n", "\n      ");
  const hint = ways === undefined ? "" : `${style.yellow("hint")}: ${ways}\n`;
  const stack = debug && error.stack !== undefined ? `${style.dim(error.stack)}\n` : "";
  return `${style.red("error")}: ${error.message}\n${taskLog(error, "  ")}${hint}${stack}`;
}

/**
 * The end of the log of the task that is the reason for an error, as lines below it: what Proxmox
 * gives as the reason is often only that it failed.
 */
export function taskLog(error: unknown, indent: string): string {
  const task = taskBehind(error);
  const lines = task === undefined ? [] : lastWords(task);
  if (lines.length === 0) return "";
  return `${indent}the end of its log:\n${lines.map((line) => `${indent}  ${line}\n`).join("")}`;
}

/** An error as the one JSON object on standard output. */
export function errorData(error: unknown): object {
  if (!(error instanceof PxrunError)) {
    return { error: { code: "BUG", message: error instanceof Error ? error.message : "unknown" } };
  }
  return Object(withAdvice(error.toJSON()));
}
