import { toByteString } from "../unix/os/bytes.ts";
import type { Program } from "../unix/os/process.ts";
import type { Schema } from "../cluster/rest/check.ts";
import { findStorage, volumesOn } from "../cluster/state/storage.ts";
import { call, CliError, type CliWords, guarded, isUpid, readWords, watchTask } from "./cli.ts";
import type { NodeContext } from "./context.ts";
import { TEMPLATE_INDEX } from "./rootfs.ts";

const TEXT = { type: "string", optional: true } as const;

interface Command {
  readonly usage: string;
  readonly options: Schema;
  readonly run: (context: NodeContext, words: CliWords) => string | Promise<string>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  available: {
    usage: "[OPTIONS]",
    options: { section: TEXT },
    run: ({ cluster }, { options }) =>
      cluster.appliances
        .filter(({ section }) => (options["section"] ?? section) === section)
        .toSorted((a, b) => a.template < b.template ? -1 : 1)
        .map(({ section, template, architecture }) =>
          `${section.padEnd(15)} ${template.padEnd(60)} ${architecture}\n`
        ).join(""),
  },
  list: {
    usage: "<storage>",
    options: {},
    run: ({ cluster, node }, { words: [id = ""] }) => {
      findStorage(cluster, node, id);
      const templates = volumesOn(cluster, node, id).filter(({ content }) => content === "vztmpl");
      const row = (name: string, size: string) => `${name.padEnd(60)} ${size.padEnd(6)}\n`;
      return row("NAME", "SIZE") +
        templates.map(({ volid, size }) => row(volid, `${(size / 1024 ** 2).toFixed(2)}MB`)).join(
          "",
        );
    },
  },
  remove: {
    usage: "<template_path>",
    options: {},
    run: async (context, { words: [volid = ""] }) => {
      const [storage = ""] = volid.split(":");
      if (!volumesOn(context.cluster, context.node, storage).some((one) => one.volid === volid)) {
        throw new CliError(`volume '${volid}' does not exist\n`, 2);
      }
      return String(
        await call(context, "DELETE", `/nodes/${context.node}/storage/${storage}/content/${volid}`),
      );
    },
  },
  update: {
    usage: "",
    options: {},
    run: ({ tree }) => {
      tree.write(TEMPLATE_INDEX, new Uint8Array());
      return "update successful\n";
    },
  },
};

/** `pveam`: templates and their index. */
export function pveam(context: NodeContext): Program {
  return (process) => {
    const [name = "", ...args] = process.argv.slice(1);
    const command = COMMANDS[name] ?? (name === "download" ? DOWNLOAD : undefined);
    const usage = `pveam ${name} ${command?.usage ?? ""}`.trimEnd();
    return guarded(process, usage, async () => {
      if (command === undefined) throw new CliError(`ERROR: unknown command 'pveam ${name}'\n`);
      const words = readWords(args, command.options, usage);
      const needed = command.usage.match(/<\w+>/g) ?? [];
      if (words.words.length < needed.length) {
        throw new CliError(`400 not enough arguments\n${usage}\n`);
      }
      const text = await command.run(context, words);
      if (!isUpid(text)) await process.out(toByteString(text));
      // A download that failed says so, and exits with 0.
      else await watchTask(context, process, text);
      return 0;
    });
  };
}

const DOWNLOAD: Command = {
  usage: "<storage> <template>",
  options: {},
  run: async (context, { words: [storage = "", template = ""] }) =>
    String(await call(context, "POST", `/nodes/${context.node}/aplinfo`, { storage, template })),
};
