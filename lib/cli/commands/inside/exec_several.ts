import { Interrupted } from "../../../core/errors.ts";
import { execAllEvents, type ExecEvent } from "../../../operations/exec_all.ts";
import type { BatchEvent, BatchLimits } from "../../../run/batch.ts";
import { select, type Selection } from "../../../cluster/guests/select.ts";
import { endingText, execData, prefixed } from "../../../render/batch.ts";
import { withCluster } from "../../app/cluster.ts";
import type { Context } from "../../app/context.ts";
import { BROKEN_PIPE, Finished, OWN_FAILURE } from "../../app/exit.ts";
import { print } from "../../app/output.ts";
import { printEvent } from "../../app/progress.ts";
import { errStyle, outStyle } from "../../app/colors.ts";

/** The command, and its containers. */
export interface ExecSeveral extends Selection, Pick<BatchLimits, "parallel"> {
  readonly command: readonly string[];
}

/** Runs a command in several containers, and shows whose output is whose. */
export async function execInSeveral(options: ExecSeveral, context: Context): Promise<void> {
  const { command, parallel, ...selection } = options;
  const { format } = context;
  await withCluster(context, "the exec", async (cluster, signal) => {
    const containers = await select(cluster, selection, signal);
    const asText = format === "table" || context.events;
    const kept: BatchEvent<ExecEvent>[] = [];
    let status = 0;
    for await (const event of execAllEvents(cluster, containers, command, { parallel, signal })) {
      status = Math.max(status, statusOf(event));
      if (asText) show(event, context);
      else kept.push(event);
    }
    if (!asText) await print(context, { data: { containers: execData(containers, kept) } });
    if (signal.aborted) throw new Interrupted("the exec");
    if (status !== 0) throw new Finished(status);
  });
}

function statusOf(event: BatchEvent<ExecEvent>): number {
  if (event.type === "failed") return OWN_FAILURE;
  return event.type === "skipped" || event.type === "exited" && event.code !== 0 ? 1 : 0;
}

function show(event: BatchEvent<ExecEvent>, context: Context): void {
  const { terminal } = context.platform;
  if (context.events) return printEvent(event, context);
  if (event.type !== "line") return terminal.err(endingText(event, errStyle(context)));
  const { container, text, stream } = event;
  const style = stream === "out" ? outStyle(context) : errStyle(context);
  const line = new TextEncoder().encode(prefixed(container, text, style));
  // What still runs is ended, as in any pipeline.
  if (!terminal.write(stream, line)) throw new Finished(BROKEN_PIPE);
}
