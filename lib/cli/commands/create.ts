import type { GetContext, Root } from "../program.ts";
import { examples } from "../help_page.ts";
import { QUIET } from "../selectors.ts";
import {
  collect,
  confirmed,
  confirmOrCancel,
  type Context,
  interruptibleTwice,
  readCount,
} from "../context.ts";
import { PxrunError } from "../../core/errors.ts";
import { plain } from "../../core/plain.ts";
import type { RecipeFlags } from "../../recipe/mod.ts";

interface Options extends RecipeFlags {
  readonly recipes: readonly string[];
  /** How many of each recipe; absent: one, whose hostname is taken as it is. */
  readonly count?: number | undefined;
  readonly parallel?: number | undefined;
  readonly failFast?: true | undefined;
  readonly set?: readonly string[] | undefined;
  /** `--no-start` makes it false. */
  readonly start: boolean;
  /** `--no-provision` makes it false. */
  readonly provision: boolean;
  readonly makeFolders?: true | undefined;
  readonly allowDuplicate?: true | undefined;
  readonly quiet?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/** `pxrun create [RECIPE…]` */
export function addCreate(root: Root, context: GetContext): void {
  root.command("create")
    .summary("create containers from recipes, or from five questions")
    .description(
      "Create, start and provision a container. Without a recipe pxrun asks at most five " +
        "questions; flags answer them beforehand, and override a recipe. Several recipes, or one " +
        "with --count, are created side by side.",
    )
    .argument("[recipes...]", "recipe files, or - for standard input")
    .option(
      "--set <path=value>",
      "set any key of the recipe, repeatable: container.resources.cores=4",
      collect,
    )
    .option("--hostname <name>", "container hostname")
    .option("--node <node>", "node to create it on (default: most free memory)")
    .option("--template <template>", "template: alias (debian-13), file name or volume ID")
    .option("--vmid <vmid>", "VMID (default: next free)")
    .option("--pool <pool>", "pool to add it to")
    .option("--cores <n>", "CPU cores")
    .option("--memory <MiB>", "memory in MiB")
    .option("--swap <MiB>", "swap in MiB")
    .option("--storage <GiB>", "size of the root disk in GiB")
    .option("--storage-pool <storage>", "storage for the root disk (default: most free space)")
    .option("--bridge <bridge>", "bridge of net0 (default: vmbr0)")
    .option("--ip <address>", "dhcp, manual, or address and prefix: 10.0.0.5/24")
    .option("--gateway <address>", "gateway for a fixed address")
    .option("--ssh-key <key>", "public key for root, or its file, repeatable", collect)
    .option("--tag <tag>", "tag to add, repeatable", collect)
    .option("--no-start", "do not start it, and so do not provision it")
    .option("--no-provision", "do not provision it")
    .option("--make-folders", "create the node's directories that bind mounts need")
    .option("--allow-duplicate", "create it even if another container has this hostname")
    .option("--dry-run", "only print the plan")
    .option("-y, --yes", "do not ask")
    .option(...QUIET)
    .option("--on-failure <what>", "keep or destroy it when provisioning fails (default: keep)")
    .option("--count <n>", "number of containers per recipe; {n} in the hostname counts", readCount)
    .option("--parallel <n>", "number of containers at once (default: 8)", readCount)
    .option("--fail-fast", "start no further container after a failure")
    .addHelpText(
      "after",
      examples([
        ["pxrun create", "answer five questions"],
        ["pxrun create web.yaml", "create what the recipe describes"],
        ["pxrun create web.yaml --hostname web-2 --cores 4", "override the recipe"],
        ["pxrun create web.yaml --dry-run", "only print the plan"],
        ["pxrun create web.yaml --count 3 --yes", "three, where the hostname is web-{n}"],
      ]),
    )
    .action((recipes, { onFailure, ...options }) =>
      run({ ...options, recipes, onFailure: readOnFailure(onFailure) }, context())
    );
}

function readOnFailure(text: string | undefined): "keep" | "destroy" | undefined {
  if (text === undefined || text === "keep" || text === "destroy") return text;
  throw new PxrunError("USAGE", `--on-failure cannot be ${text}`, { hint: "keep or destroy" });
}

async function run(options: Options, context: Context): Promise<void> {
  const { world, format } = context;
  const { recipeDefaults } = await import("../../config/resolve.ts");
  const { openContext } = await import("../../connect/open_context.ts");
  const { createEvents } = await import("../../lifecycle/create.ts");
  const { plan } = await import("../../lifecycle/prepare.ts");
  const { planData, planSummary, planText } = await import("../../render/plan.ts");
  const { createdText } = await import("../../render/result.ts");
  const { connectCluster } = await import("../cluster.ts");
  const { draftRecipe } = await import("../draft.ts");
  const { errStyle, outStyle, printCreated, printData, printText } = await import("../output.ts");
  const { showProgress } = await import("../progress.ts");
  const { start, provision, onFailure, allowDuplicate, recipes: files, count } = options;
  const numbers = count === undefined
    ? [undefined]
    : Array.from({ length: count }, (_, index) => index + 1);
  await interruptibleTwice(world, "the create", async (signal, leave) => {
    // A recipe is read before anything is sent anywhere.
    const opened = await openContext(
      world,
      context.choice,
      signal,
      (line) => world.terminal.err(`${plain(line)}\n`),
    );
    const draft = await draftRecipe(world, {
      ...options,
      numbers,
      defaults: recipeDefaults(opened),
      signal,
    });
    await using cluster = await connectCluster(context, { signal, asks: !options.yes, opened });
    const recipes = await draft.complete(cluster, signal);
    const asks = !options.yes && (draft.asked || world.terminal.interactive);
    const [recipe] = recipes;
    if (recipe === undefined || files.length > 1 || count !== undefined) {
      const { createFleet } = await import("../create_fleet.ts");
      return await createFleet(cluster, recipes, context, { ...options, asks, signal, leave });
    }
    const wish = { start, provision, makeFolders: options.makeFolders, allowDuplicate, signal };
    const planned = await plan(cluster, recipe, wish).catch(async (error) => {
      if (options.yes || options.dryRun || !await takesOffer(error, context, signal)) throw error;
      return await plan(cluster, recipe, { ...wish, makeFolders: true });
    });
    if (options.dryRun) {
      if (format === "table") {
        printText(planText(planned, outStyle(context), world.terminal.columns()), context);
      } else await printData(planData(planned), context);
      return;
    }
    const shown = context.verbose ? planText : planSummary;
    world.terminal.err(`${shown(planned, errStyle(context), world.terminal.columns())}\n`);
    if (asks) await confirmOrCancel(world, "Create it?", "create it", true, signal);
    const events = createEvents(cluster, planned, { signal, leave, onFailure });
    for await (const event of showProgress(events, context)) {
      if (event.type !== "created" || context.events) continue;
      if (options.quiet) await printCreated(cluster, [event.result], context, signal);
      else if (format === "table") {
        world.terminal.out(createdText(event.result, outStyle(context)));
      } else await printData(event.result, context);
    }
  });
}

/** Where nothing but folders is missing, they can be made after a yes. */
async function takesOffer(
  error: unknown,
  { world }: Context,
  signal: AbortSignal,
): Promise<boolean> {
  const { PlanRefused } = await import("../../lifecycle/problem.ts");
  if (!(error instanceof PlanRefused) || !world.terminal.interactive) return false;
  if (!error.problems.every(({ offer }) => offer === "makeFolders")) return false;
  world.terminal.err(error.problems.map(({ message }) => `${message}\n`).join(""));
  const what = error.problems.length === 1 ? "Make it?" : "Make them?";
  return await confirmed(world, what, "make the folders of the node", true, signal);
}
