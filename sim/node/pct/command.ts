import type { Schema } from "../../cluster/rest/check.ts";
import type { Process } from "../../unix/os/process.ts";
import type { CliWords } from "../cli.ts";
import type { NodeContext } from "../context.ts";

/** Context of one `pct` subcommand. */
export interface PctCall extends CliWords {
  readonly context: NodeContext;
  readonly process: Process;
  readonly vmid: string;
  /** The words behind the vmid. */
  readonly rest: readonly string[];
  /** The container's place in the API. */
  readonly path: string;
}

/** One subcommand of `pct`. */
export interface PctCommand {
  /** Usage behind the subcommand: `<vmid> <snapname> [OPTIONS]`. */
  readonly usage: string;
  readonly options: Schema;
  readonly run: (call: PctCall) => Promise<number>;
}
