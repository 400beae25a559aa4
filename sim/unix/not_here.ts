/** Message about programs that the simulator lacks. */
export function notHere(name: string): string {
  return `not in the simulated container: ${name} (docs/lab.md runs real ones)`;
}

/** Ends a program that was asked for what the simulator leaves out: it says so and exits with 127. */
export class LeftOut extends Error {
  /** @param what The program with what it was asked for: `ls -t`. */
  constructor(what: string) {
    super(notHere(what));
  }
}
