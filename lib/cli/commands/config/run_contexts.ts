import { leavesAt } from "../../../config/edit.ts";
import {
  findConfig,
  noSuchContext,
  type OpenConfig,
  openReadable,
} from "../../../config/open_context.ts";
import { adviceOf, PxrunError } from "../../../core/errors.ts";
import type { Path } from "../../../core/problem.ts";
import { type Column, table } from "../../../render/table.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { change, noFile, open, usedContext } from "./run_config.ts";

interface Row {
  readonly name: string;
  readonly current: boolean;
  readonly host: string | null;
  /** Its login: a token or a user. */
  readonly as: string | null;
}

const columns: readonly Column<Row>[] = [
  { heading: "", cell: ({ current }) => current ? "*" : "" },
  { heading: "CONTEXT", cell: ({ name }) => name, least: 8 },
  { heading: "HOST", cell: ({ host }) => host ?? "-", least: 12 },
  { heading: "AS", cell: (row) => row.as ?? "-", least: 8 },
];

/** Lists the contexts. */
export async function list(context: Context): Promise<void> {
  const { platform, choice } = context;
  const { path, named } = findConfig(platform, choice);
  // No secret is shown, so that none has to be decrypted: a wrong MAC hides nothing of this.
  const { config, file, text, problem } = await openReadable(platform, path);
  if (text === undefined && named) throw noFile(file);
  if (problem !== undefined) platform.terminal.err(`! not verified: ${adviceOf(problem)}\n`);
  const current = usedContext(config, context);
  const rows = Object.entries(config.contexts).map(([name, { host, token_id, user }]): Row => ({
    name,
    current: name === current,
    host: host ?? null,
    as: token_id ?? user ?? null,
  }));
  const isEmpty = rows.length === 0;
  await print(context, {
    table: (style) => isEmpty ? "" : table(columns, rows, style),
    note: isEmpty ? "no contexts; `pxrun setup` makes one\n" : undefined,
    data: rows,
  });
}

/** Makes a context the current one. */
export async function use(name: string, context: Context): Promise<void> {
  const opened = await openWith(name, context, false);
  const current = { path: ["current_context"], value: name };
  await change(opened, [current], `${name} is the context from now on`, context);
}

/** Removes a context. */
export async function deleteContext(name: string, yes: boolean, context: Context): Promise<void> {
  const opened = await openWith(name, context, true);
  const isCurrent = opened.config.current_context === name;
  if (!yes) {
    const question = `Delete the ${isCurrent ? "current " : ""}context ${name}, with its secrets?`;
    await confirmOrCancel(context.platform, question, `delete the context ${name}`, false);
  }
  const changes = [
    ...(isCurrent ? [{ path: ["current_context"], value: undefined }] : []),
    { path: ["contexts", name], value: undefined },
  ];
  await change(opened, changes, `context ${name} removed from ${opened.file}`, context);
}

/** Renames a context. */
export async function renameContext(old: string, name: string, context: Context): Promise<void> {
  const opened = await openWith(old, context, true);
  const { config, file } = opened;
  if (Object.hasOwn(config.contexts, name)) {
    throw new PxrunError("ALREADY_EXISTS", `context ${name} exists already in ${file}`, {
      hint: `another name, or \`pxrun config delete-context ${name}\` first`,
    });
  }
  const from: Path = ["contexts", old];
  // sops binds a secret to its place, so that each is encrypted again at the new one.
  const values = leavesAt(config, from).map(({ path, value }) => {
    return { path: ["contexts", name, ...path.slice(from.length)], value };
  });
  const current = config.current_context === old
    ? [{ path: ["current_context"], value: name }]
    : [];
  const changes = [...values, ...current, { path: from, value: undefined }];
  await change(opened, changes, `context ${old} renamed to ${name} in ${file}`, context);
}

/** Reads the config file, which must have a context of this name. */
async function openWith(name: string, context: Context, adopt: boolean): Promise<OpenConfig> {
  const opened = await open(context, adopt);
  if (Object.hasOwn(opened.config.contexts, name)) return opened;
  throw noSuchContext(name, opened.config, opened.file);
}
