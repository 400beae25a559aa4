import { createColors } from "../../deps/picocolors.ts";
import { plain } from "../core/plain.ts";

/** The few colours that pxrun uses, or none, and how much fits on a line. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  /** The width of the terminal; undefined where it is none. */
  readonly columns: number | undefined;
}

/** Colours when `enabled`, else none. Texts are made plain: another's colours have no place in ours. */
export function style(enabled: boolean, columns?: number): Style {
  const { bold, dim, red, green, yellow } = createColors(enabled);
  const of = (color: (text: string) => string) => (text: string): string => color(plain(text));
  return {
    bold: of(bold),
    dim: of(dim),
    red: of(red),
    green: of(green),
    yellow: of(yellow),
    columns,
  };
}

/** True if text is to be coloured: NO_COLOR and FORCE_COLOR win over what the stream is. */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}
