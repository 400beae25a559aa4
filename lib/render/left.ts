import { plainData } from "../core/plain.ts";
import {
  type LeftContainer,
  type LeftContainers,
  leftName,
} from "../operations/cleanup/left_containers.ts";
import type { LeftToken } from "../operations/cleanup/left_tokens.ts";
import type { Style } from "./style.ts";

/** Everything that runs have left: a line for each, or one that says that there is nothing. */
export function leftText(
  left: LeftContainers,
  leftTokens: readonly LeftToken[],
  style: Style,
): string {
  const { unfinished, failed, unseen } = plainData(left);
  const tokens = plainData(leftTokens);
  const lines = [
    ...unfinished.map((one) => `${style.bold(leftName(one))}  ${one.why}\n${remedyOf(one)}`),
    ...unseen.map((text) => `! ${text}\n`),
    ...tokens.map((one) => tokenLine(one, style)),
  ];
  if (lines.length === 0) lines.push("no leftovers\n");
  if (failed.length > 0) {
    const names = failed.map(({ vmid, hostname }) => `${vmid} ${hostname ?? "?"}`).join(", ");
    lines.push(
      `kept, since their provisioning failed: ${names}; ` +
        "`pxrun destroy --all-failed` removes them\n",
    );
  }
  return lines.join("");
}

function remedyOf({ remedy }: LeftContainer): string {
  return remedy === undefined ? "" : `  → ${remedy}\n`;
}

function tokenLine({ id, host, pid, expires, over }: LeftToken, style: Style): string {
  const state = over ? "its run is over" : "may be in use";
  return `${style.bold(id)}  process ${pid} on ${host}, until ${utc(expires)}, ${state}\n`;
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
