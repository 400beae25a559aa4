import type { NodeCommand } from "../../../actions/node_command.ts";
import { describe } from "../../../actions/table.ts";
import { plain } from "../../../core/plain.ts";
import { resolveSettings } from "../../../config/resolve.ts";
import type { ContextConfig } from "../../../config/types.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { openContext } from "../../../config/open_context.ts";
import { reveal } from "../../../core/secret.ts";
import { makeEncryption } from "../../../setup/encryption.ts";
import { proveAccess } from "../../../setup/node.ts";
import { writeContext } from "../../../setup/context_values.ts";
import { setupPlanText } from "../../../render/plan.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { errStyle } from "../../app/colors.ts";
import { terminalQuestions } from "../../prompts/connect_questions.ts";
import type { Draft } from "./session.ts";

/** Changes that a setup makes. */
export interface SetupPlan {
  /** Place where commands are run. */
  readonly place: string;
  readonly actions: readonly NodeCommand[];
  /** True if the config file changes. */
  readonly writes: boolean;
}

/** Reports one thing that was done. */
export function tell(context: Context, line: string, mark: "✓" | "!" = "✓"): void {
  const { green, yellow } = errStyle(context);
  context.platform.terminal.err(`${mark === "✓" ? green(mark) : yellow(mark)} ${line}\n`);
}

/** Shows the plan and asks; does it, reads the file as it then is, and checks all that follows. */
export async function finish(
  plan: SetupPlan,
  draft: Draft,
  run: () => Promise<void>,
): Promise<void> {
  const { file, encryption, context } = draft;
  await agree(plan, draft);
  if (encryption !== undefined) {
    await makeEncryption(context.platform, file, encryption);
    tell(context, `encrypt for the age key in ${encryption.keyFile}; keep a copy of it`);
  }
  await run();
  await report(plan.writes, draft);
}

/** Shows all changes, and asks; where there are none, neither. */
async function agree({ place, actions, writes }: SetupPlan, draft: Draft): Promise<void> {
  const { name, file, encryption, plain, options, context, signal } = draft;
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
  const places = [
    { place, actions: actions.map(describe) },
    { place: "on this machine", actions: own.map((title) => ({ title })) },
  ];
  platform.terminal.err(setupPlanText(places, errStyle(context)));
  if (!options.yes) await confirmOrCancel(platform, "Go ahead?", "go ahead", true, signal);
}

/** Writes the context, if it is to change. */
export async function write(draft: Draft, values: ContextConfig): Promise<void> {
  const { file, name, existing, plain, context } = draft;
  if (await writeContext(context.platform, file, name, values, existing, plain)) {
    tell(context, `write the context ${name} to ${file}`);
  }
}

/** Prints what the doctor finds about the new setup: only problems, and the summary. */
async function examine({ file, name, options, context, signal }: Draft): Promise<void> {
  const { platform } = context;
  const { diagnose } = await import("../../../doctor/diagnose.ts");
  const { findingText, summaryText } = await import("../../../render/doctor.ts");
  const style = errStyle(context);
  const findings: Finding[] = [];
  const asks = platform.terminal.interactive && !options.yes;
  for await (
    const finding of diagnose(platform, {
      configFile: file,
      context: name,
      signal,
      warn: (line) => platform.terminal.err(`${plain(line)}\n`),
      // Nodes that are not known yet are asked about now, rather than at the first create.
      ...(asks && { ask: terminalQuestions(platform, signal) }),
    })
  ) {
    findings.push(finding);
    if (finding.verdict !== "ok") platform.terminal.err(findingText(finding, style, false));
  }
  platform.terminal.err(`pxrun doctor: ${summaryText(findings, style)}`);
}

/** Reads the file as it is now and uses it, and has the doctor check all that it leads to. */
async function report(changed: boolean, draft: Draft): Promise<void> {
  const { file, name, context, signal } = draft;
  const { platform } = context;
  const opened = await openContext(platform, { configFile: file, context: name }, signal);
  if (opened === undefined) throw new TypeError(`${file} has lost its context ${name}`);
  const { version, tokenId, permissions } = await proveAccess(platform, opened);
  const { host = "", fingerprint = null } = opened.values;
  const privileges = new Set(Object.values(permissions).flatMap((held) => Object.keys(held)));
  const who = `${tokenId}, with ${privileges.size} privileges`;
  tell(context, `${host} answers as Proxmox VE ${version} to ${who}`);
  if (privileges.size === 0) tell(context, "pxrun setup --print has what grants them", "!");
  await examine(draft);
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
