import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";

/** Runs a program of a node as root; any other user goes through sudo. */
export function runAsRoot(
  ssh: SshTransport,
  user: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const line = commandLine(user === "root" ? argv : ["sudo", "-n", ...argv]);
  // These programs take their arguments for text of the locale, which is often none.
  return ssh.exec(`LC_ALL=C.UTF-8 ${line}`, options);
}

/**
 * The error of a program that could not do its work.
 *
 * @param what What did not work, as a sentence: "pvesh made no token".
 * @param programs What the sudoers line must allow.
 */
export function failed(
  what: string,
  result: ExecResult | undefined,
  programs: string,
): PxrunError {
  const text = result === undefined ? "" : textOf(result.stderr).trim().split("\n").at(-1) ?? "";
  const message = `${what}: ${text || `it ended with ${result?.code ?? result?.signal}`}`;
  if (/^sudo: /.test(text)) {
    return new PxrunError("PERMISSION_DENIED", message, {
      hint: `log in as root, or allow it in /etc/sudoers.d: USER ALL=(root) NOPASSWD: ${programs}`,
    });
  }
  return new PxrunError("FAILED", message, { hint: "is this a node of Proxmox VE?" });
}

/** Output of a program, as text. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
