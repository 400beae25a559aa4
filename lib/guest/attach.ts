import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";

/** The program of a node that starts a process in a container. */
export type Entry = "lxc-attach" | "pct";

/**
 * The command line, for the node's shell, that runs a command in the container: without any,
 * a shell that is fed by standard input.
 * `lxc-attach` is what `pct exec` ends in, without the second that Perl takes to start.
 */
export function entryCommand(vmid: number, entry: Entry, sudo: boolean, words = "sh -s"): string {
  const command = entry === "pct"
    ? `pct exec ${vmid} --keep-env 0 -- ${words}`
    : `lxc-attach -n ${vmid} --clear-env -- ${words}`;
  return sudo ? `sudo -n ${command}` : command;
}

/** The same command behind a shell of the node that starts it once it has read a line. */
export function waitingCommand(command: string): string {
  // `read` takes no byte more than the line: the rest is for the command.
  return commandLine(["sh", "-c", `read -r go && exec ${command}`]);
}

/** Whether this is a shell's, or sudo's, way to say that the node has no lxc-attach. */
export function lacksLxcAttach(stderr: string): boolean {
  return /^[^\n]*\blxc-attach: (command )?not found\s*$/.test(stderr);
}

/** How a command ended that may not have reached the container. */
export interface Ending {
  readonly code: number | undefined;
  /** Whether anything came on standard output. */
  readonly printed: boolean;
  readonly stderr: string;
}

/**
 * The failure of the entry program itself, or undefined when it is the command's own.
 * Exit statuses overlap, so this goes by the words: nothing but the entry program's messages.
 */
export function entryFailure(vmid: number, ending: Ending): PxrunError | undefined {
  const { code, printed, stderr } = ending;
  if (code === 0 || code === undefined || printed) return undefined;
  const lines = stderr.trim().split("\n");
  const text = lines[0] ?? "";
  if (/^sudo: /.test(text)) {
    return new PxrunError(
      "PERMISSION_DENIED",
      `the SSH user may not enter container ${vmid}: ${text}`,
      {
        hint: "let the user run lxc-attach and pct by sudo without a password, or log in as root",
      },
    );
  }
  const own = new RegExp(
    `^(lxc-attach: ${vmid}: |container '${vmid}' |Configuration file 'nodes/[^']*/${vmid}\\.conf')`,
  );
  if (!lines.every((line) => own.test(line))) return undefined;
  if (/Failed to get init pid|not running/.test(stderr)) {
    return new PxrunError("FAILED", `container ${vmid} does not run on this node`, {
      hint: `start it first: pct start ${vmid} on its node`,
    });
  }
  return notEnterable(vmid, text);
}

/** The container was not entered, for a reason that only its node knows. */
export function notEnterable(vmid: number, why: string): PxrunError {
  return new PxrunError("FAILED", `cannot enter container ${vmid}: ${why}`, {
    hint: `does \`pct enter ${vmid}\` work on its node?`,
  });
}
