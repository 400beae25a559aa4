import { enterAhead, type ShellAhead } from "../../guest/ahead.ts";
import type { SshTransport } from "../../ssh/transport.ts";

/** Shells in one container, each entered while the script before its own still runs. */
export interface Shells extends Disposable {
  /** Enters the container for so many of the next scripts, as far as there is room. */
  prepare(count: number): void;
  /** A shell that waits for a script, if there is one. */
  take(): ShellAhead | undefined;
}

/** No shell yet. Disposing leaves those that were not needed. */
export function shellsAhead(ssh: SshTransport, vmid: number, sudo: boolean): Shells {
  let waiting: ShellAhead[] = [];
  return {
    prepare(count) {
      waiting = waiting.filter(({ usable }) => usable);
      while (waiting.length < count && ssh.roomy) waiting.push(enterAhead(ssh, vmid, sudo));
    },
    take: () => waiting.shift(),
    [Symbol.dispose]: () => waiting.forEach((shell) => shell.leave()),
  };
}
