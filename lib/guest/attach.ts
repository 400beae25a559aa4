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
export function lacksLxcAttach(said: string): boolean {
  return /^[^\n]*\blxc-attach: (command )?not found\s*$/m.test(said);
}

/** What sudo says and goes on: about names, limits, audit, locales. */
const SUDO_WARNS =
  /^sudo: (unable to (resolve host|send audit message|initialize policy plugin log)|(set|get)rlimit\b|.*\baudit\b|.*\blocale\b)/;

/** The words by which sudo refused, among what was printed; undefined where it only warned. */
export function sudoRefusal(said: string): string | undefined {
  return said.split(/\r*\n/).findLast((line) =>
    /^(sudo: |Sorry, user )/.test(line) && !SUDO_WARNS.test(line)
  );
}

/**
 * Why a container was not entered, by what was said in its place. A warning of sudo may come before
 * the words that count.
 */
export function entryFailure(vmid: number, how: string, said: string): PxrunError {
  const lines = said.trim().split(/\r*\n/);
  const own = new RegExp(
    `^(lxc-attach: ${vmid}: |container '${vmid}' |Configuration file 'nodes/[^']*/${vmid}\\.conf')`,
  );
  const entry = lines.filter((line) => own.test(line));
  if (entry.some((line) => /Failed to get init pid|not running/.test(line))) {
    return new PxrunError("FAILED", `container ${vmid} does not run on this node`, {
      hint: `start it first: pct start ${vmid} on its node`,
    });
  }
  const refusal = sudoRefusal(said);
  if (refusal !== undefined && entry.length === 0) {
    return new PxrunError(
      "PERMISSION_DENIED",
      `the SSH user may not enter container ${vmid}: ${refusal}`,
      {
        hint: "let the user run lxc-attach and pct by sudo without a password, or log in as root",
      },
    );
  }
  const why = entry[0] ?? (lines.slice(-3).join("; ") || `it ended with ${how}`);
  return new PxrunError("FAILED", `cannot enter container ${vmid}: ${why}`, {
    hint: `does \`pct enter ${vmid}\` work on its node?`,
  });
}
