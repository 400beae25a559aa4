import { toByteString } from "../../unix/os/bytes.ts";
import { call } from "../cli.ts";
import { act } from "./life.ts";
import type { PctCommand } from "./command.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;

interface Snapshot {
  readonly name: string;
  readonly parent?: string;
  readonly snaptime?: number;
  readonly description?: string;
}

function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === "object" && value !== null && "name" in value;
}

/** The tree as lines, each child one column further right than its parent. */
function treeLines(all: readonly Snapshot[], parent: string | undefined, prefix: string): string[] {
  return all.filter((one) => one.parent === parent).flatMap((one) => {
    const time = one.snaptime === undefined
      ? ""
      : new Date(one.snaptime * 1000).toISOString().replace("T", " ").slice(0, 19);
    const [description] = (one.description || "no-description").split("\n");
    const line = `${prefix}\`-> ${one.name.padEnd(27 - prefix.length)} ${
      time.padEnd(23)
    } ${description}`;
    return [line, ...treeLines(all, one.name, `${prefix} `)];
  });
}

/** Subcommands about snapshots. */
export const SNAPSHOTS: Readonly<Record<string, PctCommand>> = {
  snapshot: {
    usage: "<vmid> <snapname> [OPTIONS]",
    options: { description: TEXT },
    run: (pct) => {
      const [snapname = ""] = pct.rest;
      return act(pct, "POST", `${pct.path}/snapshot`, { ...pct.options, snapname });
    },
  },
  rollback: {
    usage: "<vmid> <snapname> [OPTIONS]",
    options: { start: FLAG },
    run: (pct) => act(pct, "POST", `${pct.path}/snapshot/${pct.rest[0]}/rollback`, pct.options),
  },
  delsnapshot: {
    usage: "<vmid> <snapname> [OPTIONS]",
    options: { force: FLAG },
    run: (pct) => act(pct, "DELETE", `${pct.path}/snapshot/${pct.rest[0]}`, pct.options),
  },
  listsnapshot: {
    usage: "<vmid>",
    options: {},
    run: async ({ context, process, path }) => {
      const reply = await call(context, "GET", `${path}/snapshot`);
      const all = Array.isArray(reply) ? reply.filter(isSnapshot) : [];
      const lines = treeLines(all, undefined, "");
      await process.out(lines.map((line) => `${toByteString(line)}\n`).join(""));
      return 0;
    },
  },
};
