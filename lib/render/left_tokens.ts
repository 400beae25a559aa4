import type { LeftToken } from "../lifecycle/left_tokens.ts";
import type { Style } from "./style.ts";

/** A line for each token that runs have left, or one that says that there is none. */
export function leftTokensText(tokens: readonly LeftToken[], style: Style): string {
  if (tokens.length === 0) return "no tokens are left\n";
  return tokens.map(({ id, host, pid, expires, over }) => {
    const until = new Date(expires).toISOString().slice(0, 16).replace("T", " ");
    const state = over ? "its run is over" : "may be in use";
    return `${style.bold(id)}  process ${pid} on ${host}, until ${until} UTC, ${state}\n`;
  }).join("");
}
