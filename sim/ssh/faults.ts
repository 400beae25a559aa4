import type { SshFault } from "./types.ts";

interface Armed {
  readonly fault: SshFault;
  count: number;
}

/** The start-up files of a login shell. */
export interface StartUp {
  /** Output on both streams. */
  readonly prints: string;
  /** True if the shell never comes to the command. */
  readonly hangs: boolean;
}

/** The faults that are on, and how often each was asked. */
export class Faults {
  readonly #armed = new Set<Armed>();

  /** Turns a fault on; the function given back turns it off. */
  inject(fault: SshFault): () => void {
    const armed = { fault, count: 0 };
    this.#armed.add(armed);
    return () => void this.#armed.delete(armed);
  }

  /** True if new connections are refused. */
  refuses(node: string): boolean {
    return this.#of("refuse", node).length > 0;
  }

  /** True if the connection ends here. One that struck is used up. */
  drops(name: "drop-exec" | "drop-packet", node: string): boolean {
    const struck = this.#of(name, node).find((armed) => ++armed.count >= (armed.fault.at ?? 1));
    if (struck !== undefined) this.#armed.delete(struck);
    return struck !== undefined;
  }

  /** Delay before a command starts. */
  delay(node: string): number {
    return this.#of("delay", node).reduce((sum, { fault }) => sum + (fault.ms ?? 0), 0);
  }

  /** Actions of the login shell before it comes to a command, if there are any. */
  startUp(node: string): StartUp {
    return {
      prints: this.#of("start-up-prints", node).map(({ fault }) => fault.text ?? "").join(""),
      hangs: this.#of("start-up-hangs", node).length > 0,
    };
  }

  #of(name: SshFault["name"], node: string): Armed[] {
    return [...this.#armed].filter(({ fault }) =>
      fault.name === name && (fault.node === undefined || fault.node === node)
    );
  }
}
