import { provision, type ProvisionEvent } from "../../../lib/provision/engine.ts";
import type { Step } from "../../../lib/provision/step.ts";
import { runInGuest, type RunOptions } from "../../../lib/guest/session.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import { until } from "../../support/until.ts";
import { type RootOptions, type Shell, SHELLS, TestRoot, VMID } from "../../support/chroot.ts";

/** A test in a fresh root for each shell. */
export function eachShell(
  name: string,
  test: (root: TestRoot, shell: Shell) => Promise<void>,
  options: RootOptions = {},
): void {
  for (const shell of SHELLS) {
    Deno.test(`${name} [${shell}]`, async () => {
      await using root = await TestRoot.open(shell, options);
      await test(root, shell);
    });
  }
}

/**
 * Waits until only these processes are left. What ends a run has its answer before the last shell
 * of the run, or its own, is gone.
 */
export function processesAre(root: TestRoot, ...expected: string[]): Promise<void> {
  return until(
    `the processes to be: ${expected}`,
    async () => (await root.processes()).sort().join("\n") === expected.toSorted().join("\n"),
  );
}

/** Waits until nothing of any run is left in /run. */
export function nothingKept(root: TestRoot): Promise<void> {
  return until(
    "nothing to be left in /run/pxrun",
    async () => (await Array.fromAsync(Deno.readDir(`${root.directory}/run/pxrun`))).length === 0,
  );
}

/** What a script left, as text. */
export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script in the root as pxrun does. */
export async function run(
  root: TestRoot,
  script: string,
  options: Partial<RunOptions> = {},
): Promise<Ran> {
  const all = { clock: systemClock, timeout: 60_000, ...options };
  const { code, stdout, stderr } = await runInGuest(root.ssh, VMID, script, all);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What came of some steps. */
export interface Provisioned {
  readonly events: readonly ProvisionEvent[];
  /** The ids of the steps that changed something. */
  readonly changed: readonly string[];
  /** All output, as lines. */
  readonly output: readonly string[];
  readonly error: unknown;
}

/** Runs steps to their end or first failure. */
export async function apply(
  root: TestRoot,
  steps: readonly Step[],
  signal?: AbortSignal,
): Promise<Provisioned> {
  const events: ProvisionEvent[] = [];
  let error: unknown;
  try {
    for await (
      const event of provision({ ssh: root.ssh, vmid: VMID, steps, clock: systemClock, signal })
    ) {
      events.push(event);
    }
  } catch (thrown) {
    error = thrown;
  }
  return {
    events,
    changed: events.flatMap((event) =>
      event.type === "step-done" && event.changed ? [event.step] : []
    ),
    output: events.flatMap((event) => event.type === "output" ? [event.text] : []),
    error,
  };
}

/** Every file under a directory whose content or name holds the text. */
export async function filesWith(directory: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (["host", "proc", "dev"].includes(entry.name)) continue;
    if (entry.name.includes(text)) found.push(path);
    if (entry.isDirectory) found.push(...await filesWith(path, text));
    if (entry.isFile && (await Deno.readTextFile(path)).includes(text)) found.push(path);
  }
  return found;
}

/** A string that shells, printf, sed and patterns have something to say about. */
export const HOSTILE =
  "a'b\"c $(touch /tmp/hit) `touch /tmp/hit` $HOME ${x:-y} \\n \\\\ %s * ? [a-z] ; & | < > # ! ~ -n {a,b}\ttab ü 漢字 🎉";
