import assert from "node:assert/strict";
import { type CheckedRequest, checkRequest, readSchema } from "../contract/schema.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../sim/mod.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { type LoginCase, logins, runTokens } from "./logins.ts";
import { type TestPlatform, testPlatform, type TestPlatformOptions } from "./platform.ts";

const schema = readSchema();

let usual: LoginCase["name"] = "token";

/** How all tests of this file log in where they do not say it themselves; else by token. */
export function useLogin(name: LoginCase["name"]): void {
  usual = name;
}

/** A simulated cluster together with a way to run command lines against it. */
export interface Lab extends AsyncDisposable {
  readonly simulator: Simulator;
  /** A platform that points at it. */
  platform(options?: TestPlatformOptions): TestPlatform;
  /** Runs one command line to its end. */
  run(args: readonly string[], options?: TestPlatformOptions): Promise<Ran>;
  /** vmid and hostname of every container that there is, as the state itself has it. */
  containers(): string[];
  /** The requests that change something, `POST /nodes/pve01/lxc`; a login changes nothing. */
  changes(): string[];
}

/** What a command line left. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the simulator is started, and used. */
export interface LabOptions extends SimulatorOptions {
  /** The login of a test that makes sense for no other. */
  readonly login?: LoginCase["name"];
}

/** Starts a simulator whose every request is held against Proxmox's own schema. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const login = logins.find(({ name }) => name === (options.login ?? usual));
  const problems: string[] = [];
  const simulator = await startSimulator({
    ...options,
    onRequest: (record) => {
      problems.push(...checkRequest(schema, record));
      options.onRequest?.(record);
    },
  });
  const platform = (given: TestPlatformOptions = {}): TestPlatform => {
    // Who names one variable of a login has a login in mind.
    const own = Object.keys(given.env ?? {}).some((name) => name.startsWith("PROXMOX_"));
    const usually = own ? {} : login?.env(simulator);
    return testPlatform({ ...given, env: { ...simulator.env(), ...usually, ...given.env } });
  };
  return {
    simulator,
    platform,
    async run(args, given) {
      const at = platform(given);
      const status = await runCli(args, at);
      return { status, stdout: at.stdout(), stderr: at.stderr() };
    },
    changes: () =>
      simulator.requests
        .filter(({ method, path }) => method !== "GET" && path !== "/access/ticket")
        .map(({ method, path }) => `${method} ${path}`),
    containers: () =>
      [...simulator.cluster.cts.values()].map((ct) => `${ct.vmid} ${ct.config["hostname"]}`),
    async [Symbol.asyncDispose]() {
      await simulator.close();
      for (const { argv } of simulator.ssh.argvs) {
        if (argv[0] === "pvesh") problems.push(...checkRequest(schema, pveshRequest(argv)));
      }
      assert.deepEqual(problems, [], "every request fits the schema of the API");
      if (usual === "SSH alone") assert.deepEqual(runTokens(simulator), [], "no token is left");
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
