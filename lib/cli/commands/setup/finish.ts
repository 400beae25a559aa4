import type { NodeCommand } from "../../../actions/node_command.ts";
import { describe } from "../../../actions/table.ts";
import { plain } from "../../../core/plain.ts";
import { resolveSettings } from "../../../config/resolve.ts";
import type { ContextConfig } from "../../../config/schema.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { openContext } from "../../../config/open_context.ts";
import { reveal } from "../../../core/secret.ts";
import { makeEncryption } from "../../../setup/encryption.ts";
import { proveAccess } from "../../../setup/prove.ts";
import { writeContext } from "../../../setup/write.ts";
import { setupPlanText } from "../../../render/setup.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { errStyle } from "../../app/colors.ts";
import { terminalQuestions } from "../../prompts/connect_questions.ts";
import type { Draft, SetupOptions } from "./draft.ts";

/** What a setup is going to do. */
export interface SetupPlan {
  /** What is done elsewhere: where, and each command with what it is for. */
  readonly place: string;
  readonly actions: readonly NodeCommand[];
  /** Whether the config file changes. */
  readonly writes: boolean;
}

/** One line of what was done. */
export function tell(context: Context, line: string, mark: "✓" | "!" = "✓"): void {
  const { green, yellow } = errStyle(context);
  context.platform.terminal.err(`${mark === "✓" ? green(mark) : yellow(mark)} ${line}\n`);
}

/** Shows all that will be done, and asks; where there is nothing to do, neither. */
export async function agreed(
  { place, actions, writes }: SetupPlan,
  { name, file, encryption, plain }: Draft,
  { yes }: SetupOptions,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { platform } = context;
  if (actions.length === 0 && !writes && encryption === undefined) return;
  const own = [
    ...(encryption && encryption.recipient === undefined
      ? [`make an age key in ${encryption.keyFile}`]
      : []),
    ...(encryption ? [`name the age key in ${encryption.rulesFile}, for sops`] : []),
    ...(writes
      ? [`write the context ${name} to ${file}, its secret ${plain ? "NOT " : ""}encrypted`]
      : []),
  ];
  const places = [{ place, actions: actions.map(describe) }, {
    place: "on this machine",
    actions: own.map((title) => ({ title })),
  }];
  platform.terminal.err(setupPlanText(places, errStyle(context)));
  if (!yes) await confirmOrCancel(platform, "Go ahead?", "go ahead", true, signal);
}

/** Makes what the config file is encrypted with, if it is not there. */
export async function makeKey({ file, encryption }: Draft, context: Context): Promise<void> {
  if (encryption === undefined) return;
  await makeEncryption(context.platform, file, encryption);
  tell(context, `encrypt for the age key in ${encryption.keyFile}; keep a copy of it`);
}

/** Writes the context, if it is to change. */
export async function write(draft: Draft, values: ContextConfig, context: Context): Promise<void> {
  const { file, name, existing, plain } = draft;
  if (await writeContext(context.platform, file, name, values, existing, plain)) {
    tell(context, `write the context ${name} to ${file}`);
  }
}

/** What the doctor says of a set-up that was just made: only what is not well, and how much is. */
async function examine(
  configFile: string,
  name: string,
  asks: boolean,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { platform } = context;
  const { diagnose } = await import("../../../doctor/diagnose.ts");
  const { findingText, summaryText } = await import("../../../render/doctor.ts");
  const style = errStyle(context);
  const findings: Finding[] = [];
  const options = {
    configFile,
    context: name,
    signal,
    warn: (line: string): void => platform.terminal.err(`${plain(line)}\n`),
    // Nodes that are not known yet are asked about now, rather than at the first create.
    ...(asks && { ask: terminalQuestions(platform, signal) }),
  };
  for await (const finding of diagnose(platform, options)) {
    findings.push(finding);
    if (finding.verdict === "ok") continue;
    platform.terminal.err(findingText(finding, style, false));
  }
  platform.terminal.err(`pxrun doctor: ${summaryText(findings, style)}`);
}

/** Reads the file as it is now and uses it, and has the doctor look at all that it leads to. */
export async function lastWord(
  { file, name }: Draft,
  { changed, asks }: { readonly changed: boolean; readonly asks: boolean },
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { platform } = context;
  const opened = await openContext(platform, { configFile: file, context: name }, signal);
  if (opened === undefined) throw new TypeError(`${file} has lost its context ${name}`);
  const { version, tokenId, permissions } = await proveAccess(platform, opened);
  const { host = "", fingerprint = null } = opened.values;
  const privileges = new Set(Object.values(permissions).flatMap((held) => Object.keys(held)));
  const who = `${tokenId}, with ${privileges.size} privileges`;
  tell(context, `${host} answers as Proxmox VE ${version} to ${who}`);
  if (privileges.size === 0) tell(context, "pxrun setup --print has what grants them", "!");
  await examine(file, name, asks, context, signal);
  const inFile = new Map(resolveSettings({}, {}, opened).map(({ name, value }) => [name, value]));
  const winners = resolveSettings({}, platform.env, opened).filter(({ name, value, source }) =>
    source === "environment" && reveal(inFile.get(name) ?? "") !== reveal(value)
  );
  if (winners.length > 0) {
    const names = winners.map(({ from }) => from).join(" ");
    tell(context, `set in this shell, and so before the file: unset ${names}`, "!");
  }
  await print(context, {
    note: changed ? "next: pxrun create\n" : "all was set up already\n",
    data: { file, context: name, host, token_id: tokenId, fingerprint, version, changed },
  });
}
