import type { World } from "../../core/world.ts";
import { type Style, style, wantsColor } from "../../render/style.ts";

/** The colours for results. */
export function outStyle({ world }: { readonly world: World }): Style {
  const { stdoutIsTerminal, columns } = world.terminal;
  return style(wantsColor(world.env, stdoutIsTerminal), stdoutIsTerminal ? columns() : undefined);
}

/** The colours for progress, questions and errors. */
export function errStyle({ world }: { readonly world: World }): Style {
  const { stderrIsTerminal, columns } = world.terminal;
  return style(wantsColor(world.env, stderrIsTerminal), stderrIsTerminal ? columns() : undefined);
}
