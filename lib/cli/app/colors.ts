import type { Platform } from "../../core/platform.ts";
import { type Style, style, wantsColor } from "../../render/style.ts";

/** The colours for results. */
export function outStyle({ platform }: { readonly platform: Platform }): Style {
  const { stdoutIsTerminal, columns } = platform.terminal;
  return style(
    wantsColor(platform.env, stdoutIsTerminal),
    stdoutIsTerminal ? columns() : undefined,
  );
}

/** The colours for progress, questions and errors. */
export function errStyle({ platform }: { readonly platform: Platform }): Style {
  const { stderrIsTerminal, columns } = platform.terminal;
  return style(
    wantsColor(platform.env, stderrIsTerminal),
    stderrIsTerminal ? columns() : undefined,
  );
}
