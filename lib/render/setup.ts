import { commandLine } from "../core/argv.ts";
import type { Style } from "./style.ts";

/** What is done at one place, in its order. */
export interface SetupPlace {
  readonly place: string;
  readonly steps: readonly { readonly title: string; readonly argv?: readonly string[] }[];
}

/** What a setup is going to do; places where nothing is done are left out. */
export function setupPlanText(places: readonly SetupPlace[], style: Style): string {
  return places.filter(({ steps }) => steps.length > 0).map(({ place, steps }) =>
    [
      `${style.bold(place)}\n`,
      ...steps.map(({ title, argv }) =>
        `  ${title}\n${argv === undefined ? "" : `    ${style.dim(commandLine(argv))}\n`}`
      ),
    ].join("")
  ).join("");
}
