import { toByteString } from "../unix/os/bytes.ts";
import type { Program } from "../unix/os/process.ts";
import type { Schema } from "../cluster/rest/check.ts";
import { findStorage, storagesOn, storageView, volumesOn } from "../cluster/state/storage.ts";
import { call, CliError, type CliWords, guarded, isUpid, readWords, watchTask } from "./cli.ts";
import type { NodeContext } from "./context.ts";

const TEXT = { type: "string", optional: true } as const;

interface Command {
  readonly usage: string;
  readonly options: Schema;
  readonly run: (context: NodeContext, words: CliWords) => string | Promise<string>;
}

const DIRS: Readonly<Record<string, string>> = {
  vztmpl: "template/cache",
  iso: "template/iso",
  snippets: "snippets",
  backup: "dump",
};

/** Path of a volume of a file storage on the node. */
function pathOf({ cluster, node }: NodeContext, volid: string): string {
  const match = /^([^:]+):(.+)$/.exec(volid);
  if (match === null) throw new CliError(`unable to parse volume ID '${volid}'\n`);
  const [, id = "", name = ""] = match;
  const storage = findStorage(cluster, node, id);
  const [kind = "", ...rest] = name.split("/");
  const dir = DIRS[kind];
  const base = storage.path ?? `/dev/${id}`;
  return dir === undefined ? `${base}/images/${name}` : `${base}/${dir}/${rest.join("/")}`;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  status: {
    usage: "[OPTIONS]",
    options: {
      content: TEXT,
      storage: TEXT,
      enabled: { type: "boolean", optional: true },
      target: TEXT,
    },
    run: ({ cluster, node }, { options }) => {
      const wanted = storagesOn(cluster, node)
        .filter(({ id }) => (options["storage"] ?? id) === id)
        .filter(({ content }) =>
          options["content"] === undefined || content.includes(options["content"])
        )
        .toSorted((a, b) => a.id < b.id ? -1 : 1);
      const width = Math.max(4, ...wanted.map(({ id }) => id.length)) + 1;
      const row = (cells: readonly string[]) =>
        cells.map((cell, at) =>
          at === 0 ? cell.padEnd(width) : cell.padStart([0, 10, 10, 15, 15, 15, 8][at] ?? 0)
        )
          .join(" ") + "\n";
      const kib = (bytes: unknown) => String(Math.floor(Number(bytes) / 1024));
      return row(["Name", "Type", "Status", "Total (KiB)", "Used (KiB)", "Available (KiB)", "%"]) +
        wanted.map((storage) => {
          const view = storageView(cluster, node, storage);
          const { total, used, avail, active } = view;
          const share = (100 * Number(used) / (Number(total) || 1)).toFixed(2);
          const status = !storage.enabled ? "disabled" : active === 1 ? "active" : "inactive";
          return row([
            storage.id,
            storage.type,
            status,
            kib(total),
            kib(used),
            kib(avail),
            `${share}%`,
          ]);
        }).join("");
    },
  },
  list: {
    usage: "<storage> [OPTIONS]",
    options: { content: TEXT, vmid: TEXT },
    run: ({ cluster, node }, { words: [id = ""], options }) => {
      findStorage(cluster, node, id);
      const all = volumesOn(cluster, node, id)
        .filter(({ content }) => (options["content"] ?? content) === content)
        .filter(({ vmid }) => (options["vmid"] ?? `${vmid}`) === `${vmid}`);
      const widths = [
        Math.max(5, ...all.map(({ volid }) => volid.length)),
        Math.max(4, ...all.map(({ size }) => String(size).length)),
      ];
      const row = (volid: string, format: string, type: string, size: string, vmid: string) =>
        `${volid.padEnd(widths[0] ?? 0)} ${format.padEnd(7)} ${type.padEnd(9)} ` +
        `${size.padStart(widths[1] ?? 0)} ${vmid}`.trimEnd() + "\n";
      return row("Volid", "Format", "Type", "Size", "VMID") +
        all.map(({ volid, format, content, size, vmid }) =>
          row(volid, format, content, String(size), vmid === undefined ? "" : String(vmid))
        ).join("");
    },
  },
  path: {
    usage: "<volume>",
    options: {},
    run: (context, { words: [volid = ""] }) => `${pathOf(context, volid)}\n`,
  },
  free: {
    usage: "<volume> [OPTIONS]",
    options: { delay: TEXT, storage: TEXT },
    run: async (context, { words: [volid = ""] }) => {
      const [storage = ""] = volid.split(":");
      const there = volumesOn(context.cluster, context.node, storage).some((one) =>
        one.volid === volid
      );
      if (there) {
        return String(
          await call(
            context,
            "DELETE",
            `/nodes/${context.node}/storage/${storage}/content/${volid}`,
          ),
        );
      }
      // It is said to be removed even though it never was there.
      const note = `disk image '${pathOf(context, volid)}' does not exist\n`;
      return `${note}Removed volume '${volid}'\n`;
    },
  },
};

/** `pvesm`: storages and what lies on them. */
export function pvesm(context: NodeContext): Program {
  return (process) => {
    const [name = "", ...args] = process.argv.slice(1);
    const command = COMMANDS[name];
    const usage = `pvesm ${name} ${command?.usage ?? ""}`.trimEnd();
    return guarded(process, usage, async () => {
      if (command === undefined) throw new CliError(`ERROR: unknown command 'pvesm ${name}'\n`);
      const words = readWords(args, command.options, usage);
      const needed = command.usage.match(/<\w+>/g) ?? [];
      if (words.words.length < needed.length) {
        throw new CliError(`400 not enough arguments\n${usage}\n`);
      }
      const text = await command.run(context, words);
      if (isUpid(text)) await watchTask(context, process, text);
      else await process.out(toByteString(text));
      return 0;
    });
  };
}
