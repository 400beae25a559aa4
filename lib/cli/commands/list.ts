import { examples } from "../app/help/help_page.ts";
import { Option } from "@commander-js/extra-typings";
import type { GetContext, Root } from "../app/root.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import { plain } from "../../core/plain.ts";
import type { World } from "../../core/world.ts";
import type { ContainerRow } from "../../cluster/guests/list.ts";
import type { Style } from "../../render/style.ts";
import { type Context, interruptible } from "../app/context.ts";
import { filters, QUIET } from "../app/selectors.ts";

interface Options {
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly ips?: true | undefined;
  readonly sort?: SortColumn | undefined;
  readonly quiet?: true | undefined;
  readonly watch?: true | undefined;
}

/** How often a watched list is read again, in milliseconds. */
const WATCH_INTERVAL = 2_000;

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
const columns = Object.keys(sorting) as SortColumn[];

/** `pxrun list` */
export function addList(root: Root, context: GetContext): void {
  filters(root.command("list").alias("ls"))
    .summary("list the containers of the cluster")
    .description(
      "List the containers that the login may see. Templates are listed only without --tag, " +
        "--node and --status: these select containers.",
    )
    .option("--ips", "show their addresses, too (one more call per running container)")
    .addOption(
      new Option("--sort <column>", "sort by a column, the largest figures first")
        .choices(columns).default("vmid" as const),
    )
    .option(...QUIET)
    .option("--watch", "refresh the list every two seconds until Ctrl-C")
    .addHelpText(
      "after",
      examples([
        ["pxrun list --ips", "with the addresses"],
        ["pxrun list --tag dev --status running", "running ones with a tag"],
        ["pxrun list --sort memory", "who uses most of it first"],
        ["pxrun list -q --tag dev | xargs pxrun destroy --dry-run", "for other commands"],
        ["pxrun list --json", "everything, as data"],
      ]),
    )
    .action((options) => run(options, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  const { connectCluster } = await import("../app/cluster.ts");
  if (!options.watch) {
    return await interruptible(world, "the list", async (signal) => {
      await using cluster = await connectCluster(context, { signal });
      await show(cluster, options, context, signal);
    });
  }
  if (format !== "table") {
    throw new PxrunError("USAGE", `--watch cannot print ${format}: it shows a table that changes`, {
      hint: "leave one of the two out",
    });
  }
  await untilInterrupted(world, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    while (true) {
      await show(cluster, options, context, signal);
      await world.clock.sleep(WATCH_INTERVAL, signal);
    }
  });
}

/** Ctrl-C is how a watch ends, and nothing is amiss. */
async function untilInterrupted(
  world: World,
  watch: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const stop = world.onInterrupt(() => controller.abort(new Interrupted("the list")));
  try {
    await watch(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    if (world.terminal.stderrIsTerminal) world.terminal.err("\n");
  } finally {
    stop();
  }
}

async function show(
  cluster: Cluster,
  options: Options,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { world: { terminal }, format } = context;
  const { problemsOf } = await import("../../cluster/guests/inventory.ts");
  const { list } = await import("../../cluster/guests/list.ts");
  const { listText } = await import("../../render/list.ts");
  const { print, printHandles } = await import("../app/output.ts");
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

function nothing({ node, status, tag = [] }: Options): string {
  const wishes = [
    ...(node === undefined ? [] : [`--node ${node}`]),
    ...(status === undefined ? [] : [`--status ${status}`]),
    ...tag.map((one) => `--tag ${one}`),
  ];
  return wishes.length === 0 ? "no containers" : `no containers match ${wishes.join(" ")}`;
}
