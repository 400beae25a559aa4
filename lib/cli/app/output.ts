import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { plainLine } from "../../core/plain.ts";
import { handles, type Named } from "../../cluster/guests/handle.ts";
import { list } from "../../cluster/guests/list.ts";
import type { Style } from "../../render/style.ts";
import type { Context } from "./context.ts";
import { outStyle } from "./colors.ts";
import { fold } from "../../render/width.ts";

/** Options for printing. */
type Output = Pick<Context, "platform" | "format">;

/** A result in both of its shapes. */
export interface Printed {
  /** For people; absent where standard error has it all. */
  readonly table?: ((style: Style) => string) | undefined;
  /** For people too, on standard error: the next step. */
  readonly note?: string | undefined;
  /** For programs. */
  readonly data: unknown;
}

/** Prints a result on standard output in the format that was chosen: a text, JSON or YAML. */
export async function print(
  context: Output,
  { table, note, data }: Printed,
): Promise<void> {
  const { platform: { terminal }, format } = context;
  if (format === "table") {
    if (note !== undefined) terminal.err(note);
    if (table !== undefined) terminal.out(table(outStyle(context)));
    return;
  }
  // The YAML library is slow to load, and JSON does not need it.
  const text = format === "yaml"
    ? (await import("../../render/yaml.ts")).yamlText(data)
    : `${JSON.stringify(data, null, 2)}\n`;
  terminal.out(text);
}

/** A text of whole sentences as {@linkcode print} takes it: folded at a terminal's width. */
export function folded(text: (style: Style) => string): (style: Style) => string {
  return (style) => fold(text(style), style.columns);
}

/**
 * Prints the words by which other commands find these containers, a line each.
 *
 * @param all Every container that there is, for a hostname may not be unique.
 */
export async function printHandles(
  these: readonly Named[],
  all: readonly Named[],
  context: Output,
): Promise<void> {
  const words = handles(these, all);
  const table = (): string => words.map((word) => `${plainLine(word)}\n`).join("");
  await print(context, { table, data: words });
}

/** The same of containers that are new; whose hostnames are unique only the cluster knows. */
export async function printCreated(
  cluster: Cluster,
  created: readonly Named[],
  context: Output,
  signal: AbortSignal,
): Promise<void> {
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
