import { enterAhead, type ShellAhead } from "../guest/ahead.ts";
import type { SshTransport } from "../ssh/client/transport.ts";

/** Ways into one container, each prepared while something before it still goes on. */
export interface Shells extends Disposable {
  /** Prepares the way in for so many of the next scripts, as far as there is room. */
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

/** Ways in for the checks and for the first scripts of so many steps. */
export function shellsFor(ssh: SshTransport, vmid: number, sudo: boolean, steps: number): Shells {
  const shells = shellsAhead(ssh, vmid, sudo);
  // The first step mostly is a wait that ends soon.
  shells.prepare(1 + Math.min(2, steps));
  return shells;
}
