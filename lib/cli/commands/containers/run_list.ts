import { limits } from "../../../core/limits.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import { problemsOf } from "../../../cluster/guests/inventory.ts";
import { type ContainerRow, list } from "../../../cluster/guests/list.ts";
import { Interrupted, PxrunError } from "../../../core/errors.ts";
import { plain } from "../../../core/plain.ts";
import type { Platform } from "../../../core/platform.ts";
import { listText } from "../../../render/list.ts";
import type { Style } from "../../../render/style.ts";
import { connectCluster, withCluster } from "../../app/cluster.ts";
import { type Context, whileListening } from "../../app/context.ts";
import { print, printHandles } from "../../app/output.ts";
import type { SelectedOptions } from "../../app/selectors.ts";

/** The flags of `pxrun list`. */
export interface ListFlags extends Pick<SelectedOptions, "node" | "status" | "tag" | "quiet"> {
  readonly ips?: true | undefined;
  readonly sort?: SortColumn | undefined;
  readonly watch?: true | undefined;
}

/** The key that each column is sorted by; of figures the largest comes first. */
const sorting = {
  vmid: ({ vmid }) => vmid,
  name: ({ hostname = "" }) => hostname,
  node: ({ node }) => node,
  status: ({ status }) => status,
  cores: ({ cores = 0 }) => -cores,
  memory: ({ memory }) => -(memory?.used ?? 0),
  disk: ({ disk }) => -(disk?.used ?? 0),
  uptime: ({ uptime = 0 }) => -uptime,
  tags: ({ tags }) => tags.join(","),
} satisfies Record<string, (row: ContainerRow) => number | string>;
type SortColumn = keyof typeof sorting;

/** Lists the containers, once or again and again. */
export async function runList(options: ListFlags, context: Context): Promise<void> {
  const { platform, format } = context;
  if (!options.watch) {
    return await withCluster(context, "the list", async (cluster, signal) => {
      await show(cluster, options, context, signal);
    });
  }
  if (format !== "table") {
    throw new PxrunError("USAGE", `--watch cannot print ${format}: it shows a table that changes`, {
      hint: "leave one of the two out",
    });
  }
  await untilInterrupted(platform, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    while (true) {
      await show(cluster, options, context, signal);
      await platform.clock.sleep(limits.prompts.watch, signal);
    }
  });
}

/** Ctrl-C is the usual end of a watch, and no error. */
async function untilInterrupted(
  platform: Platform,
  watch: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let ended = false;
  try {
    await whileListening(platform, (_, controller) => {
      ended = true;
      controller.abort(new Interrupted("the list"));
    }, watch);
  } catch (error) {
    if (!ended) throw error;
    if (platform.terminal.stderrIsTerminal) platform.terminal.err("\n");
  }
}

async function show(
  cluster: Cluster,
  options: ListFlags,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { platform: { terminal }, format } = context;
  const { node, status, tag: tags, ips: addresses, sort = "vmid", quiet, watch } = options;
  const found = await list(cluster, { node, status, tags, addresses, signal });
  const rows = sorted(found, sorting[sort]);
  if (watch && terminal.stdoutIsTerminal) terminal.out("\x1b[2J\x1b[H");
  if (quiet) {
    const all = [node, status, tags].every((one) => one === undefined)
      ? rows
      : await list(cluster, { signal });
    await printHandles(rows, all, context);
  } else {
    const table = (style: Style): string => rows.length === 0 ? "" : listText(rows, style);
    await print(context, { table, data: rows });
  }
  for (const problem of problemsOf(rows)) terminal.err(`! ${plain(problem)}\n`);
  if (rows.length === 0 && format === "table") terminal.err(`${nothing(options)}\n`);
}

function sorted(
  rows: readonly ContainerRow[],
  key: (row: ContainerRow) => number | string,
): readonly ContainerRow[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return rows.toSorted((a, b) => {
    const [one, other] = [key(a), key(b)];
    const order = typeof one === "number" && typeof other === "number"
      ? one - other
      : compare(String(one), String(other));
    return order || a.vmid - b.vmid;
  });
}

function nothing({ node, status, tag = [] }: ListFlags): string {
  const filters = [
    ...(node === undefined ? [] : [`--node ${node}`]),
    ...(status === undefined ? [] : [`--status ${status}`]),
    ...tag.map((one) => `--tag ${one}`),
  ];
  return filters.length === 0 ? "no containers" : `no containers match ${filters.join(" ")}`;
}
