import { limits } from "../../../core/limits.ts";
import { PxrunError } from "../../../core/errors.ts";
import { plain } from "../../../core/plain.ts";
import { untilAborted, within } from "../../../core/within.ts";
import {
  flagOverrides,
  type Override,
  parseSet,
  type RecipeFlags,
  recipeFromOverrides,
} from "../../../recipe/mod.ts";
import { connectCluster } from "../../app/cluster.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { type Offers, recipeQuestions } from "../../prompts/questions.ts";
import { findKeys } from "../../prompts/ssh_keys.ts";
import { isSetBy, offersOf, unanswered } from "../create/draft.ts";
import { recipeText, refuseUnwritable, saveRecipe } from "../create/save_recipe.ts";

/** The flags of `pxrun init`. */
export interface InitFlags extends RecipeFlags {
  readonly file?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly force?: true | undefined;
}

/** The templates to choose from where no cluster lists its own. */
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

/** Asks what the flags leave open, and writes the recipe. */
export async function runInit(options: InitFlags, context: Context): Promise<void> {
  const { platform } = context;
  const { file, force = false } = options;
  const overrides = [...(options.set ?? []).map(parseSet), ...flagOverrides(options)];
  const check = async (name: string): Promise<void> => {
    if (name !== "-") await refuseUnwritable(platform, name, force, "--force overwrites it");
  };
  if (file !== undefined) await check(file);
  await interruptible(platform, "the recipe", async (signal) => {
    const answers = await complete(overrides, context, signal);
    const recipe = recipeFromOverrides([...answers, ...overrides], { env: platform.env });
    const name = file ?? `${recipe.container.hostname}.yaml`;
    if (name === "-") return platform.terminal.out(recipeText(recipe, platform, platform.cwd));
    await check(name);
    await saveRecipe(platform, name, recipe);
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
  const { platform } = context;
  const isSet = isSetBy(overrides);
  if (!platform.terminal.interactive) {
    const missing = unanswered(isSet);
    if (missing.length === 0) return [];
    const flags = missing.map((key) => `--${key}`).join(" and ");
    throw new PxrunError("USAGE", `cannot ask, this is not a terminal: ${flags} missing`, {
      hint: `add ${missing.map((key) => `--${key} ${key.toUpperCase()}`).join(" ")}`,
    });
  }
  const offers = await offersIfReachable(context, signal);
  return await recipeQuestions(platform, offers, { isSet, allowDuplicate: true }).ask(signal);
}

/** Values that the cluster offers; where none can be asked, the usual templates. */
async function offersIfReachable(context: Context, signal: AbortSignal): Promise<Offers> {
  const { platform } = context;
  const { clock } = platform;
  const patience = { clock, ms: limits.prompts.offers, what: "the cluster", signal };
  try {
    return await within(patience, async (late) => {
      const connecting = connectCluster(context, { signal: late, asks: false });
      await using cluster = await untilAborted(connecting, late);
      return await untilAborted(offersOf(cluster, undefined, late), late);
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof PxrunError)) throw error;
    platform.terminal.err(`no cluster is asked for its templates: ${plain(error.message)}\n`);
    return { nodes: [], containers: [], keys: await findKeys(platform), aliases: ALIASES };
  }
}
