import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { plainLine } from "../../core/plain.ts";
import type { Named } from "../../cluster/guests/handle.ts";
import type { Context } from "./context.ts";
import { errStyle } from "./colors.ts";
import { fold } from "../../render/width.ts";

/** Prints a result as JSON or YAML on standard output. */
export async function printData(
  data: unknown,
  { world, format }: Pick<Context, "world" | "format">,
): Promise<void> {
  // The YAML library is slow to load, and JSON does not need it.
  const text = format === "yaml"
    ? (await import("../../render/yaml.ts")).yamlText(data)
    : `${JSON.stringify(data, null, 2)}\n`;
  world.terminal.out(text);
}

/** Prints a result for people, folded at the words of a terminal's lines. */
export function printText(text: string, { world: { terminal } }: Pick<Context, "world">): void {
  terminal.out(fold(text, terminal.stdoutIsTerminal ? terminal.columns() : undefined));
}

/**
 * Prints the words by which other commands find these containers, a line each.
 *
 * @param all Every container that there is, for a hostname may not be unique.
 */
export async function printHandles(
  these: readonly Named[],
  all: readonly Named[],
  context: Pick<Context, "world" | "format">,
): Promise<void> {
  const { handles } = await import("../../cluster/guests/handle.ts");
  const words = handles(these, all);
  if (context.format !== "table") return await printData(words, context);
  context.world.terminal.out(words.map((word) => `${plainLine(word)}\n`).join(""));
}

/** The same of containers that are new; whose hostnames are unique only the cluster knows. */
export async function printCreated(
  cluster: Cluster,
  created: readonly Named[],
  context: Pick<Context, "world" | "format">,
  signal: AbortSignal,
): Promise<void> {
  const { list } = await import("../../cluster/guests/list.ts");
  // What was created has to be named also after the rest was interrupted.
  if (signal.aborted) return await printHandles(created, created, context);
  const all = await list(cluster, { signal }).catch((error) => {
    if (!(error instanceof PxrunError)) throw error;
    return undefined;
  });
  // And also where the cluster cannot be asked any more: a VMID is always unique.
  const these = all === undefined ? created.map(({ vmid }) => ({ vmid })) : created;
  await printHandles(these, all ?? [], context);
}

/** Says what of a folder is not copied; the name may come from a container. */
export function leftOut(world: Context["world"]): (path: string) => void {
  const { yellow } = errStyle({ world });
  return (path) =>
    world.terminal.err(
      `${yellow("!")} left out: ${JSON.stringify(path)} is no file, folder or link\n`,
    );
}
