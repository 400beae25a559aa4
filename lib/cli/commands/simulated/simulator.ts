import type { GetContext, Root } from "../../app/root.ts";
import { type Context, interruptible, whileListening } from "../../app/context.ts";
import { resolve } from "node:path";
import { commandLine, quote } from "../../../core/argv.ts";
import { Interrupted, PxrunError } from "../../../core/errors.ts";
import type { Platform } from "../../../core/platform.ts";
import { Finished } from "../../app/exit.ts";
import { documented } from "../../app/help/help_page.ts";

interface Options {
  readonly printEnv?: true | undefined;
  readonly envFile?: string | undefined;
  readonly port?: string | undefined;
  readonly command: readonly string[];
}

/** Times of a small node with local disks, in milliseconds. */
const timings = {
  createMs: 2_200,
  startMs: 1_400,
  stopMs: 1_000,
  destroyMs: 300,
  downloadMs: 3_000,
  otherMs: 500,
  linkMs: 500,
  dhcpMs: 2_200,
  dnsMs: 300,
  resourcesEveryMs: 10_000,
  authFailureMs: 3_000,
};

/** `pxrun simulator [-- COMMAND…]` */
export function addSimulator(root: Root, context: GetContext): void {
  documented(root.command("simulator"), {
    summary: "run an embedded two-node cluster",
    description:
      "Run a simulated Proxmox VE cluster on this machine: a REST API over TLS, and SSH to its " +
      "nodes. Nothing in it is real, and nothing else is needed. With a command, that command " +
      "runs against it, and its exit status is that of pxrun; without one the cluster runs " +
      "until Ctrl-C, so $(pxrun simulator --print-env) would not end.",
    examples: [
      ["pxrun simulator -- pxrun create --hostname a --template debian-13", "one command"],
      ["pxrun simulator -- bash", "a shell in which pxrun goes to the simulated cluster"],
      ["pxrun simulator --env-file sim.env", "`. ./sim.env` in other terminals then does, too"],
    ],
  }).usage("[options] [-- COMMAND…]")
    .argument("[command...]", "command to run against it, after --")
    .option("--print-env", "print the export lines that point pxrun at it")
    .option("--env-file <file>", "write those lines to a file, which is removed at the end")
    .option("--port <port>", "port of the API (default: any free one)")
    .action((command, options) => run({ command, ...options }, context()));
}

async function run(
  { command, printEnv, envFile, port = "0" }: Options,
  context: Context,
): Promise<void> {
  const { platform } = context;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new PxrunError("USAGE", `--port cannot be ${port}`, { hint: "a number up to 65535" });
  }
  const { startSimulator } = await import("../../../../sim/mod.ts");
  await whileServing(platform, command, async (signal) => {
    await using simulator = await startSimulator({ port: Number(port), timings });
    const env = simulator.env();
    const lines = Object.entries(env)
      .map(([name, value]) => `export ${name}=${quote(value)}\n`).join("");
    if (printEnv) platform.terminal.out(lines);
    await using _file = envFile === undefined ? undefined : await written(platform, envFile, lines);
    if (command.length > 0) {
      return await runAgainst(command, { ...OTHERS, ...env }, context, signal);
    }
    platform.terminal.err(
      `simulated cluster at ${simulator.url}; Ctrl-C ends it` +
        `${printEnv || envFile ? "" : "; --print-env shows how to point pxrun at it"}\n`,
    );
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  });
}

/** Variables that would lead to another cluster, or to another login. */
const OTHERS = {
  PXRUN_CONFIG: "",
  PXRUN_CONTEXT: "",
  PROXMOX_USER: "",
  PROXMOX_PASSWORD: "",
  PROXMOX_CA_FILE: "",
  PROXMOX_VERIFY_SSL: "",
};

/** Ctrl-C is for the command that runs, if there is one: it has got it as well. */
async function whileServing(
  platform: Platform,
  command: readonly string[],
  serve: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (command.length === 0) return await interruptible(platform, "the simulator", serve);
  await whileListening(platform, (name, controller) => {
    if (name !== "SIGINT") controller.abort(new Interrupted(commandLine(command)));
  }, serve);
}

async function runAgainst(
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  { platform, runCli }: Context,
  signal: AbortSignal,
): Promise<void> {
  // In a clone there is no pxrun on the PATH, and elsewhere it could be another one.
  if (program === "pxrun") {
    const status = await runCli(args, { ...platform, env: { ...platform.env, ...env } });
    throw new Finished(status);
  }
  const ended = await platform.run(program, args, { terminal: true, env, signal });
  signal.throwIfAborted();
  if (ended !== undefined) throw new Finished(ended.code);
  throw new PxrunError("NOT_FOUND", `there is no program ${program} to run`, {
    hint: "after -- write a command as in a shell: pxrun simulator -- pxrun list",
  });
}

/** A file that only its owner reads, for it has the token's secret; removed with the cluster. */
async function written(platform: Platform, file: string, text: string): Promise<AsyncDisposable> {
  const path = resolve(platform.cwd, file);
  if (await platform.files.read(path) !== undefined) {
    throw new PxrunError("ALREADY_EXISTS", `${file} exists already`, {
      hint: "remove it, or name another file",
    });
  }
  await platform.privateFiles.replace(path, text);
  return { [Symbol.asyncDispose]: () => platform.privateFiles.remove(path) };
}
