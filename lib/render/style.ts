import { createColors } from "picocolors";

/** The few colours that pxrun uses, or none. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** Colours when `enabled`, else the texts as they are. */
export function style(enabled: boolean): Style {
  return createColors(enabled);
}

/** Whether to colour: NO_COLOR and FORCE_COLOR win over what the stream is. */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}
