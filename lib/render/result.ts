import { plainData } from "../core/plain.ts";
import type { Created, Provisioned, TailscaleNode } from "../run/result.ts";
import type { Style } from "./style.ts";
import { duration } from "./units.ts";

/** Result of a create: the container, and the commands that lead into it. */
export function createdText(givenResult: Created, style: Style): string {
  const result = plainData(givenResult);
  const rows: (readonly [string, string | undefined])[] = [
    ["node", result.node],
    ["status", result.status],
    ["address", result.addresses.join(", ") || undefined],
    ["tailnet", tailnetText(result.tailscale)],
    ["ssh", result.ssh],
    ["console", result.console],
    ["start", result.start],
    ["next", result.next],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${style.dim(name.padEnd(8))} ${value}\n`]
  );
  const total = duration(result.durations["total"] ?? 0);
  const head = `${style.green("✓")} ${style.bold(result.hostname)} is container ${
    style.bold(String(result.vmid))
  } ${style.dim(`in ${total}`)}\n`;
  return head + lines.join("");
}

/** Result of a provisioning. */
export function provisionedText(givenResult: Provisioned, style: Style): string {
  const result = plainData(givenResult);
  const { hostname, vmid, changed, unchanged, failed, ms } = result;
  const counts = [
    `${changed.length} changed`,
    `${unchanged.length} unchanged`,
    ...failed.length > 0 ? [`${failed.length} failed`] : [],
  ];
  const mark = failed.length > 0 ? style.yellow("!") : style.green("✓");
  const tailnet = tailnetText(result.tailscale);
  return `${mark} ${style.bold(hostname ?? String(vmid))}: ${counts.join(", ")} ${
    style.dim(`in ${duration(ms)}`)
  }\n${tailnet === undefined ? "" : `  ${style.dim("tailnet ")} ${tailnet}\n`}`;
}

/** A container's name in a tailnet, with its addresses there. */
export function tailnetText(node: TailscaleNode | undefined): string | undefined {
  return node && [node.name, ...node.addresses].join(" ");
}
