import type { GetContext, Root } from "../../app/root.ts";
import { examples } from "../../app/help/help_page.ts";
import { QUIET } from "../../app/selectors.ts";
import { collect, type Context, interruptibleTwice, readCount } from "../../app/context.ts";
import { PxrunError } from "../../../core/errors.ts";
import { plain } from "../../../core/plain.ts";
import type { RecipeFlags } from "../../../recipe/mod.ts";

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
  /** Where to write the recipe that was used. */
  readonly save?: string | undefined;
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
    .option("--save <file>", "write the recipe that is used to a file, unless it exists")
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
  const { world } = context;
  const { recipeDefaults } = await import("../../../config/resolve.ts");
  const { openContext } = await import("../../../config/open_context.ts");
  const { connectCluster } = await import("../../app/cluster.ts");
  const { draftRecipe } = await import("./draft.ts");
  const { recipes: files, count, save } = options;
  if (save !== undefined) await checkSave(save, options, context);
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
    const asks = !options.yes && (draft.asked || world.terminal.interactive);
    const all = { ...options, asks, back: draft.asked, signal, leave };
    for (let done = false; !done;) {
      // What a plan has claimed that was not confirmed is free again.
      const offered = new Set(cluster.offered);
      try {
        const recipes = await draft.complete(cluster, signal);
        const [recipe] = recipes;
        if (recipe !== undefined && files.length < 2 && count === undefined) {
          const { createOne } = await import("./create_one.ts");
          await createOne(cluster, recipe, context, all);
        } else {
          const { createSeveral } = await import("./create_several.ts");
          await createSeveral(cluster, recipes, context, all);
        }
        done = true;
      } catch (error) {
        const { WentBack } = await import("../../prompts/prompts.ts");
        if (!(error instanceof WentBack)) throw error;
        for (const vmid of cluster.offered) if (!offered.has(vmid)) cluster.offered.delete(vmid);
      }
    }
  });
}

/** Refuses a file to save to before anybody has answered anything. */
async function checkSave(
  file: string,
  { recipes, count }: Options,
  { world }: Context,
): Promise<void> {
  const { refuseUnwritable } = await import("./save_recipe.ts");
  if (recipes.length < 2 && count === undefined) return await refuseUnwritable(world, file, false);
  throw new PxrunError("USAGE", "--save writes one recipe, and this creates several containers", {
    hint: "leave it out, or create one container",
  });
}
