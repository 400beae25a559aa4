import type { Scene } from "./scenes.ts";
import { keyOf, type Moment, play } from "./stage.ts";

/** A moment of a clean run. */
export interface Row extends Moment {
  /** The type of the task that its request starts. */
  readonly task: string | undefined;
}

/** Steps in which all is asked at once: before the first one, and while an address is waited for. */
const AT_ONCE: ReadonlySet<string> = new Set(["plan", "address"]);

/**
 * What a clean run sends, in order. What it asks again and again while it waits stands there
 * once. What is asked at once is in the order of the alphabet.
 */
export async function recordRows(scene: Scene): Promise<Row[]> {
  return await play(scene, () => {}, ({ moments, tasks, status, text }) => {
    if (status !== 0) throw new Error(`a clean ${scene.name} fails:\n${text}`);
    const rows = moments
      .filter(({ by, nth }) => by !== "API" || nth === 1)
      .map((moment) => ({ ...moment, task: tasks.get(keyOf(moment)) }));
    const steps = [...new Set(rows.map(({ step }) => step))];
    return Promise.resolve(rows.toSorted((a, b) => {
      const apart = steps.indexOf(a.step) - steps.indexOf(b.step);
      if (apart !== 0 || !AT_ONCE.has(a.step)) return apart;
      return keyOf(a) < keyOf(b) ? -1 : 1;
    }));
  });
}
