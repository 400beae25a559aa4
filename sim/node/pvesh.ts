import { toByteString } from "../unix/os/bytes.ts";
import type { Process, Program } from "../unix/os/process.ts";
import { findRoute } from "../cluster/rest/call.ts";
import type { Method } from "../cluster/rest/route.ts";
import {
  apiParams,
  call,
  CliError,
  guarded,
  isUpid,
  readWords,
  schemaOf,
  watchTask,
} from "./cli.ts";
import type { NodeContext } from "./context.ts";
import { formatReply } from "./output.ts";

const METHODS: Readonly<Record<string, Method>> = {
  get: "GET",
  create: "POST",
  set: "PUT",
  delete: "DELETE",
};

/** `pvesh`: the API from the command line. */
export function pvesh(context: NodeContext): Program {
  return (process) => {
    const [verb = "", path = "", ...args] = process.argv.slice(1);
    const method = METHODS[verb];
    const usage = `pvesh ${verb} <api_path> [OPTIONS] [FORMAT_OPTIONS]`;
    return guarded(process, usage, () => {
      if (method === undefined) {
        throw new CliError(
          `ERROR: unknown command 'pvesh ${verb}'\nUSAGE: pvesh <COMMAND> [ARGS] [OPTIONS]\n`,
        );
      }
      return run(context, process, { verb, method, path, args, usage });
    });
  };
}

interface Request {
  readonly verb: string;
  readonly method: Method;
  readonly path: string;
  readonly args: readonly string[];
  readonly usage: string;
}

async function run(
  context: NodeContext,
  process: Process,
  { verb, method, path, args, usage }: Request,
): Promise<number> {
  if (findRoute(method, path) === undefined) {
    throw new CliError(`No '${verb}' handler defined for '${path}'\n`, 1);
  }
  const { options } = readWords(args, schemaOf(method, path), usage);
  const reply = await call(context, method, path, apiParams(options));
  // A task is waited for, and whether it failed does not count.
  if (isUpid(reply)) await watchTask(context, process, reply);
  await process.out(toByteString(formatReply(reply, options["output-format"])));
  return 0;
}
