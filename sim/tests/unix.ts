import { createGuest } from "../unix/guest.ts";
import type { Guest, GuestSurroundings } from "../unix/types.ts";

/** Result of a program in a guest, its output as bytes in a string. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A guest made for one test, stopped at its end. */
export interface TestGuest extends Disposable {
  readonly guest: Guest;
  /** True if names resolve; a test may change it. */
  online: boolean;
  /** Runs a script with `sh -c`, or words as they are. */
  run(command: string | readonly string[], stdin?: string | Uint8Array): Promise<Ran>;
}

/** The template that most tests use. */
export const DEBIAN = "debian-12-standard_12.12-1_amd64.tar.zst";
/** A template whose programs are BusyBox's. */
export const ALPINE = "alpine-3.22-default_20250617_amd64.tar.xz";

/** Makes a guest for a test. */
export async function testGuest(
  template = DEBIAN,
  around: Partial<GuestSurroundings> = {},
): Promise<TestGuest> {
  const state = { online: true };
  const guest = await createGuest(template, {
    vmid: 300,
    hostname: () => "web",
    addresses: () => [{ name: "eth0", address: "10.99.0.70/24" }],
    namesResolve: () => state.online,
    ...around,
  });
  return {
    guest,
    get online() {
      return state.online;
    },
    set online(value) {
      state.online = value;
    },
    run: (command, stdin = "") => {
      const argv = typeof command === "string" ? ["sh", "-c", command] : command;
      return runIn(
        guest,
        argv,
        typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin,
      );
    },
    [Symbol.dispose]: () => guest.stop(),
  };
}

async function runIn(guest: Guest, argv: readonly string[], stdin: Uint8Array): Promise<Ran> {
  const ran = { out: "", err: "" };
  const code = await guest.exec(argv, {
    stdin: once(stdin),
    stdout: (chunk) => void (ran.out += String.fromCharCode(...chunk)),
    stderr: (chunk) => void (ran.err += String.fromCharCode(...chunk)),
  });
  return { code, ...ran };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Waits until a condition holds, a minute at most. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error("the condition never held");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
