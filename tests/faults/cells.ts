import type { Kind } from "./kinds.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Row } from "./rows.ts";
import { sceneOf } from "./scenes.ts";
import { keyOf, play } from "./stage.ts";

/** One row and one column. */
export interface Cell {
  readonly row: Row;
  readonly kind: Kind;
}

/** Runs the scene of a cell with its fault, and says what came of it. */
export async function runCell({ row, kind }: Cell): Promise<Outcome> {
  const scene = sceneOf(row.scene);
  let struck = false;
  return await play(scene, (moment, stage) => {
    if (struck || keyOf(moment) !== keyOf(row)) return;
    struck = true;
    kind.strike(stage, row);
  }, async (played) => {
    if (!struck) return { word: "wrong", why: `it never came to ${keyOf(row)}\n${played.text}` };
    return await outcomeOf(scene.name, played);
  });
}
