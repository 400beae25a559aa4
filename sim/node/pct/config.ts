import { toByteString } from "../../unix/os/bytes.ts";
import type { Schema } from "../../cluster/rest/check.ts";
import { CT_OPTIONS } from "../../cluster/rest/ct_schema.ts";
import { findCt, mountsOf, parseSize } from "../../cluster/state/ct/ct.ts";
import { splitList } from "../../cluster/state/property.ts";
import { call, watchTask } from "../cli.ts";
import type { PctCall, PctCommand } from "./command.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;
const SET: Schema = { ...CT_OPTIONS, delete: TEXT, digest: TEXT, revert: TEXT, force: FLAG };

const list: PctCommand = {
  usage: "",
  options: {},
  run: async ({ context, process }) => {
    const row = (id: string, status: string, lock: string, name: string) =>
      `${id.padEnd(10)} ${status.padEnd(10)} ${lock.padEnd(12)} ${name.padEnd(20)}\n`;
    const all = [...context.cluster.cts.values()].filter(({ node }) => node === context.node)
      .sort((a, b) => a.vmid - b.vmid);
    if (all.length === 0) return 0;
    await process.out(row("VMID", "Status", "Lock", "Name"));
    for (const { vmid, status, config } of all) {
      const name = config["hostname"] ?? `CT${vmid}`;
      await process.out(row(String(vmid), status, config["lock"] ?? "", name));
    }
    return 0;
  },
};

/** Values of a reply as lines, without those that this command leaves out. */
async function printFields(
  { process }: PctCall,
  fields: unknown,
  without: RegExp,
): Promise<void> {
  const entries = Object.entries(fields ?? {}).filter(([key, value]) =>
    !without.test(key) && typeof value !== "object"
  );
  const text = (value: unknown) => toByteString(String(value));
  await process.out(
    entries.sort(([a], [b]) => a < b ? -1 : 1)
      .map(([key, value]) => `${key}: ${text(value)}\n`).join(""),
  );
}

const status: PctCommand = {
  usage: "<vmid> [OPTIONS]",
  options: { verbose: FLAG },
  run: async (pct) => {
    const { context, process, path, options, vmid } = pct;
    if (options["verbose"] === "1") {
      const current = await call(context, "GET", `${path}/status/current`);
      await printFields(pct, current, /^(cpu|ha|tags|lock|pressure\w*)$/);
    } else {
      const ct = findCt(context.cluster, context.node, Number(vmid));
      await process.out(`status: ${ct.status}\n`);
    }
    return 0;
  },
};

const config: PctCommand = {
  usage: "<vmid> [OPTIONS]",
  options: { current: FLAG, snapshot: TEXT },
  run: async (pct) => {
    const reply = await call(pct.context, "GET", `${pct.path}/config`, pct.options);
    const fields = Object.entries(reply ?? {}).map((
      [key, value],
    ) => [key, key === "description" ? encoded(String(value).replace(/\n$/, "")) + "%0A" : value]);
    await printFields(pct, Object.fromEntries(fields), /^digest$/);
    return 0;
  },
};

/** A description as the configuration file keeps it in one line. */
function encoded(text: string): string {
  return text.replaceAll(
    /[%\n\r:]|[^ -~]/gu,
    (char) => /[:]/.test(char) ? "%3A" : encodeURIComponent(char),
  );
}

const set: PctCommand = {
  usage: "<vmid> [OPTIONS]",
  options: SET,
  run: async ({ context, process, path, options, vmid }) => {
    const config = context.cluster.cts.get(Number(vmid))?.config ?? {};
    const absent = splitList(options["delete"]).filter((key) => config[key] === undefined);
    await call(context, "PUT", `${path}/config`, options);
    for (const key of absent) {
      await process.err(`cannot delete '${key}' - not set in current configuration!\n`);
    }
    return 0;
  },
};

const pending: PctCommand = {
  usage: "<vmid>",
  options: {},
  run: async ({ context, process, vmid }) => {
    const ct = findCt(context.cluster, context.node, Number(vmid));
    const keys = new Set([...Object.keys(ct.config), ...Object.keys(ct.pending)]);
    const lines = [...keys].sort().flatMap((key) => {
      const [now, next] = [ct.config[key], ct.pending[key]];
      if (ct.deleting.has(key)) return [`del ${key}: ${now}`];
      return [
        ...(now === undefined ? [] : [`cur ${key}: ${now}`]),
        ...(next === undefined ? [] : [`new ${key}: ${next}`]),
      ];
    });
    await process.out(toByteString(lines.map((line) => `${line}\n`).join("")));
    return 0;
  },
};

const unlock: PctCommand = {
  usage: "<vmid>",
  options: {},
  run: async ({ context, process, vmid }) => {
    const { config } = findCt(context.cluster, context.node, Number(vmid));
    if (config["lock"] === undefined) {
      await process.err("no lock found trying to remove any lock\n");
      return 255;
    }
    delete config["lock"];
    return 0;
  },
};

const resize: PctCommand = {
  usage: "<vmid> <disk> <size> [OPTIONS]",
  options: { digest: TEXT },
  run: async ({ context, process, path, rest, options }) => {
    const [disk = "", size = ""] = rest;
    const { digest } = options;
    const given = digest === undefined ? {} : { digest };
    const upid = await call(context, "PUT", `${path}/resize`, { disk, size, ...given });
    return (await watchTask(context, process, String(upid))).failed ? 255 : 0;
  },
};

const df: PctCommand = {
  usage: "<vmid>",
  options: {},
  run: async ({ context, process, vmid }) => {
    const ct = findCt(context.cluster, context.node, Number(vmid));
    const rootFirst = ([a]: [string, unknown], [b]: [string, unknown]) =>
      Number(b === "rootfs") - Number(a === "rootfs");
    const rows = mountsOf(ct.config).sort(rootFirst).map(([name, mount]) => {
      const size = parseSize(mount["size"]);
      const used = Math.min(size / 4, 404_209_664);
      return [
        name,
        mount["volume"] ?? "",
        human(size),
        human(used),
        human(size - used),
        (100 * used / (size || 1)).toFixed(1),
        name === "rootfs" ? "/" : mount["mp"] ?? "",
      ];
    });
    const table = [["MP", "Volume", "Size", "Used", "Avail", "Use%", "Path"], ...rows];
    const widths = [0, 1, 2, 3, 4, 5].map((at) =>
      Math.max(...table.map((row) => row[at]?.length ?? 0))
    );
    const line = (row: readonly string[]) =>
      row.map((cell, at) => at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))
        .join(" ");
    await process.out(table.map((row) => `${line(row)}\n`).join(""));
    return 0;
  },
};

function human(bytes: number): string {
  const units = ["", "K", "M", "G", "T"];
  let power = 0;
  while (bytes >= 1024 && power < 4) {
    bytes /= 1024;
    power++;
  }
  return `${bytes.toFixed(1)}${units[power]}`;
}

/** Subcommands that read and write configurations. */
export const CONFIG: Readonly<Record<string, PctCommand>> = {
  list,
  status,
  config,
  set,
  pending,
  unlock,
  resize,
  df,
};
