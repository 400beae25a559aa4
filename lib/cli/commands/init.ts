import { collect, type Context, interruptible } from "../app/context.ts";
import { examples } from "../app/help/help_page.ts";
import type { GetContext, Root } from "../app/root.ts";
import { PxrunError } from "../../core/errors.ts";
import { plain } from "../../core/plain.ts";
import type { Override, RecipeFlags } from "../../recipe/mod.ts";
import type { Offers } from "../prompts/questions.ts";

interface Options extends RecipeFlags {
  readonly file?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly force?: true | undefined;
}

/** How long a cluster may take to say what it offers, in milliseconds. */
const OFFERS_MS = 10_000;

/** The templates to choose from where no cluster says which ones it has. */
const ALIASES = [
  "debian-13",
  "debian-12",
  "ubuntu-24.04",
  "alpine-3.22",
  "fedora-42",
  "rockylinux-10",
  "opensuse-15.6",
  "archlinux",
];

/** `pxrun init [FILE]` */
export function addInit(root: Root, context: GetContext): void {
  root.command("init")
    .summary("write a recipe by answering questions")
    .description(
      "Write a recipe file by answering at most four questions; flags answer them beforehand. " +
        "The cluster is asked which templates it has, if it can be reached; nothing is created there.",
    )
    .argument("[file]", "file to write, or - for standard output (default: HOSTNAME.yaml)")
    .option("--hostname <name>", "container hostname")
    .option("--template <template>", "template: alias (debian-13), file name or volume ID")
    .option("--cores <n>", "CPU cores")
    .option("--memory <MiB>", "memory in MiB")
    .option("--storage <GiB>", "size of the root disk in GiB")
    .option("--ssh-key <key>", "public key for root, or its file, repeatable", collect)
    .option("--tag <tag>", "tag to add, repeatable", collect)
    .option("--set <path=value>", "set any other key of the recipe, repeatable", collect)
    .option("--force", "overwrite a file that exists")
    .addHelpText(
      "after",
      examples([
        ["pxrun init", "answer the questions, and write HOSTNAME.yaml"],
        ["pxrun init web.yaml --template debian-13", "ask for the rest"],
        ["pxrun init - --hostname web-1 --template debian-13", "print it"],
      ]),
    )
    .action((file, options) => run({ ...options, file }, context()));
}

async function run(options: Options, context: Context): Promise<void> {
  const { world } = context;
  const { flagOverrides, parseSet, recipeFromOverrides } = await import("../../recipe/mod.ts");
  const { recipeText, refuseUnwritable, saveRecipe } = await import("./create/save_recipe.ts");
  const { file, force = false } = options;
  const overrides = [...(options.set ?? []).map(parseSet), ...flagOverrides(options)];
  const check = async (name: string): Promise<void> => {
    if (name !== "-") await refuseUnwritable(world, name, force, "--force overwrites it");
  };
  if (file !== undefined) await check(file);
  await interruptible(world, "the recipe", async (signal) => {
    const answers = await complete(overrides, context, signal);
    const recipe = recipeFromOverrides([...answers, ...overrides], { env: world.env });
    const name = file ?? `${recipe.container.hostname}.yaml`;
    if (name === "-") return world.terminal.out(recipeText(recipe, world, world.cwd));
    await check(name);
    await saveRecipe(world, name, recipe);
    const { print } = await import("../app/output.ts");
    await print(context, {
      note: `next: pxrun create ${name}\n`,
      data: { file: name, hostname: recipe.container.hostname },
    });
  });
}

/** Asks what the flags leave open. */
async function complete(
  overrides: readonly Override[],
  context: Context,
  signal: AbortSignal,
): Promise<Override[]> {
  const { world } = context;
  const { isSetBy } = await import("./create/draft.ts");
  const isSet = isSetBy(overrides);
  if (!world.terminal.interactive) {
    const missing = ["hostname", "template"].filter((key) => !isSet(`container.${key}`));
    if (missing.length === 0) return [];
    const flags = missing.map((key) => `--${key}`).join(" and ");
    throw new PxrunError("USAGE", `cannot ask, this is not a terminal: ${flags} missing`, {
      hint: `add ${missing.map((key) => `--${key} ${key.toUpperCase()}`).join(" ")}`,
    });
  }
  const { recipeQuestions } = await import("../prompts/questions.ts");
  const offers = await offersIfReachable(context, signal);
  return await recipeQuestions(world, offers, { isSet, allowDuplicate: true }).ask(signal);
}

/** What the cluster offers; where none can be asked, the usual templates. */
async function offersIfReachable(context: Context, signal: AbortSignal): Promise<Offers> {
  const { world } = context;
  const { within } = await import("../../core/within.ts");
  const { untilAborted } = await import("../../core/until_aborted.ts");
  const { connectCluster } = await import("../app/cluster.ts");
  const { offersOf } = await import("./create/draft.ts");
  const patience = { clock: world.clock, ms: OFFERS_MS, what: "the cluster", signal };
  try {
    return await within(patience, async (late) => {
      await using cluster = await untilAborted(
        connectCluster(context, { signal: late, asks: false }),
        late,
      );
      return await untilAborted(offersOf(cluster, undefined, late), late);
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof PxrunError)) throw error;
    world.terminal.err(`no cluster is asked for its templates: ${plain(error.message)}\n`);
    const { findKeys } = await import("../prompts/ssh_keys.ts");
    return { nodes: [], containers: [], keys: await findKeys(world), aliases: ALIASES };
  }
}
