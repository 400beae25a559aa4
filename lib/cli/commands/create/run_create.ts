import { openContext } from "../../../config/open_context.ts";
import { recipeDefaults } from "../../../config/resolve.ts";
import { PxrunError } from "../../../core/errors.ts";
import { plain } from "../../../core/plain.ts";
import type { RecipeFlags } from "../../../recipe/mod.ts";
import { connectCluster } from "../../app/cluster.ts";
import { type Context, interruptibleTwice } from "../../app/context.ts";
import { WentBack } from "../../prompts/prompt.ts";
import { createContainers } from "./create_containers.ts";
import { draftRecipe } from "./draft.ts";
import { refuseUnwritable } from "./save_recipe.ts";

/** The flags of `pxrun create`. */
export interface CreateFlags extends RecipeFlags {
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
  readonly makeDirectories?: true | undefined;
  readonly allowDuplicate?: true | undefined;
  readonly quiet?: true | undefined;
  /** Where to write the recipe that was used. */
  readonly save?: string | undefined;
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
  readonly onFailure?: "keep" | "destroy" | undefined;
}

/** Reads the recipes or asks for one, and creates what they describe. */
export async function runCreate(flags: CreateFlags, context: Context): Promise<void> {
  const { platform } = context;
  const { recipes: files, count, save } = flags;
  const several = files.length > 1 || count !== undefined;
  if (save !== undefined) await checkSave(save, several, context);
  const numbers = count === undefined
    ? [undefined]
    : Array.from({ length: count }, (_, index) => index + 1);
  await interruptibleTwice(platform, "the create", async (signal, leave) => {
    // A recipe is read before anything is sent anywhere.
    const opened = await openContext(
      platform,
      context.choice,
      signal,
      (line) => platform.terminal.err(`${plain(line)}\n`),
    );
    const defaults = recipeDefaults(opened);
    const draft = await draftRecipe(platform, { ...flags, numbers, defaults, signal });
    await using cluster = await connectCluster(context, { signal, asks: !flags.yes, opened });
    const asks = !flags.yes && (draft.asked || platform.terminal.interactive);
    const options = { ...flags, several, asks, back: draft.asked, signal, leave };
    for (let done = false; !done;) {
      // What a plan has claimed that was not confirmed is free again.
      const offered = new Set(cluster.offered);
      try {
        await createContainers(cluster, await draft.complete(cluster, signal), context, options);
        done = true;
      } catch (error) {
        if (!(error instanceof WentBack)) throw error;
        for (const vmid of cluster.offered) if (!offered.has(vmid)) cluster.offered.delete(vmid);
      }
    }
  });
}

/** Refuses a file to save to before anybody has answered anything. */
async function checkSave(file: string, several: boolean, { platform }: Context): Promise<void> {
  if (!several) return await refuseUnwritable(platform, file, false);
  throw new PxrunError("USAGE", "--save writes one recipe, and this creates several containers", {
    hint: "leave it out, or create one container",
  });
}
