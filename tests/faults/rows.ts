import type { Scene } from "./scenes.ts";
import { keyOf, type Moment, play } from "./stage.ts";

/** A moment of a clean run. */
export interface Row extends Moment {
  /** The type of the task that its request starts. */
  readonly task: string | undefined;
}

/**
 * What a clean run sends, in order. What it asks again and again while it waits stands there
 * once. Before the first step all is asked at once, so that the order is that of the alphabet.
 */
export async function recordRows(scene: Scene): Promise<Row[]> {
  return await play(scene, () => {}, ({ moments, tasks, status, text }) => {
    if (status !== 0) throw new Error(`a clean ${scene.name} fails:\n${text}`);
    const rows = moments
      .filter(({ by, nth }) => by !== "API" || nth === 1)
      .map((moment) => ({ ...moment, task: tasks.get(keyOf(moment)) }));
    const first = rows.filter(({ step }) => step === "plan")
      .toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
    return Promise.resolve([...first, ...rows.filter(({ step }) => step !== "plan")]);
  });
}
