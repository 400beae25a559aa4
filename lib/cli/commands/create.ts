import type { GetContext, Root } from "../program.ts";
import { collect, confirmed, type Context, interruptibleTwice, readCount } from "../context.ts";
import { PxrunError } from "../../core/errors.ts";
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
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/** `pxrun create [RECIPE…]` */
export function addCreate(root: Root, context: GetContext): void {
  root.command("create")
    .summary("containers from recipes, or from five questions")
    .description(
      "Creates, starts and provisions a container. Without a recipe it asks at most five " +
        "questions; flags answer them beforehand, and win over a recipe. Several recipes, or one " +
        "with --count, are created side by side.",
    )
    .argument("[recipes...]", "recipe files; - for standard input")
    .option(
      "--set <path=value>",
      "set any key (again and again): container.resources.cores=4",
      collect,
    )
    .option("--hostname <name>", "its name")
    .option("--node <node>", "the node it runs on; else the freest")
    .option("--template <template>", "alias (debian-13), file name or volid")
    .option("--vmid <vmid>", "its number; else the next free one")
    .option("--pool <pool>", "the pool it belongs to")
    .option("--cores <n>", "CPU cores")
    .option("--memory <MiB>", "memory")
    .option("--swap <MiB>", "swap")
    .option("--storage <GiB>", "size of the root file system")
    .option("--storage-pool <storage>", "the storage it lies on; else the roomiest")
    .option("--bridge <bridge>", "the bridge of net0; else vmbr0")
    .option("--ip <address>", "dhcp, manual, or an address with its prefix: 10.0.0.5/24")
    .option("--gateway <address>", "the gateway to go with it")
    .option("--ssh-key <key>", "a public key for root, or the file that holds it (adds)", collect)
    .option("--tag <tag>", "a tag (adds)", collect)
    .option("--no-start", "leave it stopped, and so not provisioned")
    .option("--no-provision", "do nothing inside it")
    .option("--make-folders", "make folders of the node that bind mounts need")
    .option("--dry-run", "only print the plan")
    .option("-y, --yes", "do not ask")
    .option("--on-failure <what>", "keep or destroy a container whose provisioning failed")
    .option("--count <n>", "so many of each recipe: {n} in the hostname is the number", readCount)
    .option("--parallel <n>", "so many containers at once; else 8", readCount)
    .option("--fail-fast", "begin no further container after one has failed")
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
  const { planData, planText } = await import("../../render/plan.ts");
  const { createdText } = await import("../../render/result.ts");
  const { connectCluster } = await import("../cluster.ts");
  const { draftRecipe } = await import("../draft.ts");
  const { errStyle, outStyle, printData } = await import("../output.ts");
  const { showProgress } = await import("../progress.ts");
  const { start, provision, onFailure, recipes: files, count } = options;
  const numbers = count === undefined
    ? [undefined]
    : Array.from({ length: count }, (_, index) => index + 1);
  await interruptibleTwice(world, "the create", async (signal, leave) => {
    // A recipe is read before anything is sent anywhere.
    const opened = await openContext(world, context.choice, signal);
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
    const wish = { start, provision, makeFolders: options.makeFolders, signal };
    const planned = await plan(cluster, recipe, wish).catch(async (error) => {
      if (options.yes || options.dryRun || !await takesOffer(error, context, signal)) throw error;
      return await plan(cluster, recipe, { ...wish, makeFolders: true });
    });
    if (options.dryRun) {
      if (format === "table") {
        world.terminal.out(planText(planned, outStyle(context), world.terminal.columns()));
      } else await printData(planData(planned), context);
      return;
    }
    world.terminal.err(`${planText(planned, errStyle(context), world.terminal.columns())}\n`);
    if (asks && !await confirmed(world, "Create it?", "create it", true, signal)) {
      world.terminal.err("nothing was done\n");
      return;
    }
    const events = createEvents(cluster, planned, { signal, leave, onFailure });
    for await (const event of showProgress(events, context)) {
      if (event.type !== "created" || context.events) continue;
      if (format === "table") world.terminal.out(createdText(event.result, outStyle(context)));
      else await printData(event.result, context);
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
