import type { Platform } from "../../core/platform.ts";
import { type Style, style, wantsColor } from "../../render/style.ts";

interface Shown {
  readonly platform: Platform;
}

/** The colours for results. */
export function outStyle({ platform }: Shown): Style {
  return styleFor(platform, platform.terminal.stdoutIsTerminal);
}

/** The colours for progress, questions and errors. */
export function errStyle({ platform }: Shown): Style {
  return styleFor(platform, platform.terminal.stderrIsTerminal);
}

function styleFor({ env, terminal }: Platform, isTerminal: boolean): Style {
  return style(wantsColor(env, isTerminal), isTerminal ? terminal.columns() : undefined);
}
