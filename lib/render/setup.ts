import type { Style } from "./style.ts";

/** What is done at one place, in its order. */
export interface SetupPlace {
  readonly place: string;
  readonly actions: readonly { readonly title: string; readonly call?: string }[];
}

/** What a setup is going to do; places where nothing is done are left out. */
export function setupPlanText(places: readonly SetupPlace[], style: Style): string {
  return places.filter(({ actions }) => actions.length > 0).map(({ place, actions }) =>
    [
      `${style.bold(place)}\n`,
      ...actions.map(({ title, call }) =>
        `  ${title}\n${call === undefined ? "" : `    ${style.dim(call)}\n`}`
      ),
    ].join("")
  ).join("");
}
