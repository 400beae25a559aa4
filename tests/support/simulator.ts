import assert from "node:assert/strict";
import { type CheckedRequest, checkRequest, readSchema } from "../contract/schema.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../lib/sim/mod.ts";
import { runCli } from "../../lib/cli/run.ts";
import { type TestWorld, testWorld, type TestWorldOptions } from "./world.ts";

const schema = readSchema();

/** A simulated cluster together with a way to run command lines against it. */
export interface Lab extends AsyncDisposable {
  readonly simulator: Simulator;
  /** A world that points at it. */
  world(options?: TestWorldOptions): TestWorld;
  /** Runs one command line to its end. */
  run(args: readonly string[], options?: TestWorldOptions): Promise<Ran>;
  /** vmid and hostname of every container that there is, as the state itself has it. */
  containers(): string[];
}

/** What a command line left. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a simulator whose every request is held against Proxmox's own schema. */
export async function startLab(options: SimulatorOptions = {}): Promise<Lab> {
  const problems: string[] = [];
  const simulator = await startSimulator({
    ...options,
    onRequest: (record) => problems.push(...checkRequest(schema, record)),
  });
  const world = (given: TestWorldOptions = {}): TestWorld =>
    testWorld({ ...given, env: { ...simulator.env(), ...given.env } });
  return {
    simulator,
    world,
    async run(args, given) {
      const at = world(given);
      const status = await runCli(args, at);
      return { status, stdout: at.stdout(), stderr: at.stderr() };
    },
    containers: () =>
      [...simulator.cluster.cts.values()].map((ct) => `${ct.vmid} ${ct.config["hostname"]}`),
    async [Symbol.asyncDispose]() {
      await simulator.close();
      for (const { argv } of simulator.ssh.argvs) {
        if (argv[0] === "pvesh") problems.push(...checkRequest(schema, pveshRequest(argv)));
      }
      assert.deepEqual(problems, [], "every request fits the schema of the API");
    },
  };
}

const methods: Readonly<Record<string, string>> = {
  get: "GET",
  create: "POST",
  set: "PUT",
  delete: "DELETE",
};

/** The request that a pvesh command stands for; its options are all `--name value`. */
function pveshRequest([, verb = "", path = "", ...options]: readonly string[]): CheckedRequest {
  const params: Record<string, string> = {};
  for (let i = 0; i < options.length; i += 2) {
    const name = options[i]?.replace(/^--/, "") ?? "";
    if (name !== "output-format") params[name] = options[i + 1] ?? "";
  }
  return { method: methods[verb] ?? verb, path, params };
}
