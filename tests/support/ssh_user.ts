import { systemClock } from "../../lib/host/clock.ts";
import { denoFiles } from "../../lib/host/files.ts";
import { processRunner } from "../../lib/host/process.ts";
import { Secret } from "../../lib/core/secret.ts";
import type { SshConnection } from "../../lib/ssh/client/connection.ts";
import type { PresentedHostKey } from "../../lib/ssh/trust/host_keys.ts";
import {
  connectToNode,
  findNode,
  type NodeSshOptions,
  type NodeSshWorld,
} from "../../lib/ssh/route/node.ts";
import { inTurn, type SshQuestions, unlocker } from "../../lib/ssh/auth/questions.ts";
import { aloneEnv } from "./alone.ts";

/** A user with a home directory and an ssh_config of their own, and all that they were asked. */
export interface SshUser extends AsyncDisposable {
  readonly home: string;
  /** Where ssh_config has the user's known_hosts. */
  readonly knownHosts: string;
  /** The ssh_config itself, for the real `ssh`. */
  readonly config: string;
  /** Hosts, key files and prompts, in the order in which they were asked about. */
  readonly asked: readonly string[];
  /** The unknown host keys that were shown. */
  readonly shown: readonly PresentedHostKey[];
  /** Adds lines to ssh_config, before what is said of every host. */
  configure(...lines: string[]): Promise<void>;
  /** Connects to a host as a new run of pxrun does, or to several as one run. */
  connect(host: string, options?: NodeSshOptions): Promise<SshConnection>;
  connectAll(hosts: readonly string[], options?: NodeSshOptions): Promise<SshConnection[]>;
}

/** What the user answers. Absent: nobody can be asked. */
export interface Answers {
  readonly trust?: boolean;
  readonly passphrases?: readonly string[];
  readonly logins?: readonly string[];
}

/** Makes a user with an empty home directory. */
export async function sshUser(answers?: Answers): Promise<SshUser> {
  const home = await Deno.makeTempDir({ prefix: "ssh-user-" });
  const knownHosts = `${home}/.ssh/known_hosts`;
  const config = `${home}/config`;
  const lines: string[] = [];
  const asked: string[] = [];
  const shown: PresentedHostKey[] = [];
  const passphrases = [...answers?.passphrases ?? []];
  const logins = [...answers?.logins ?? []];
  const questions: SshQuestions = {
    trust(key) {
      asked.push(key.host);
      shown.push(key);
      return Promise.resolve(answers?.trust === true);
    },
    passphrase(path) {
      asked.push(path);
      return Promise.resolve(new Secret(passphrases.shift() ?? ""));
    },
    login(who, prompt, echo) {
      asked.push(`${who}: ${prompt}${echo ? " (shown)" : ""}`);
      return Promise.resolve(new Secret(logins.shift() ?? ""));
    },
  };
  const platform: NodeSshWorld = {
    clock: systemClock,
    env: { PXRUN_SSH_CONFIG: config },
    self: { user: "nobody-in-particular" },
    home,
    files: denoFiles,
    run: processRunner(aloneEnv()),
  };
  const configure = async (...more: string[]): Promise<void> => {
    lines.push(...more);
    const all = ["Host *", `UserKnownHostsFile ${knownHosts}`, "GlobalKnownHostsFile none"];
    await Deno.writeTextFile(config, [...lines, ...all, "User root", ""].join("\n"));
  };
  await configure();
  const connectAll: SshUser["connectAll"] = (hosts, options = {}) => {
    const run = answers && inTurn(questions);
    const all = { questions: run, unlock: run && unlocker(run.passphrase), ...options };
    return Promise.all(
      hosts.map(async (host) =>
        await connectToNode(await findNode(host, all, platform), all, platform)
      ),
    );
  };
  return {
    home,
    knownHosts,
    config,
    asked,
    shown,
    configure,
    connectAll,
    async connect(host, options) {
      const [connection] = await connectAll([host], options);
      if (connection === undefined) throw new Error("no connection");
      return connection;
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(home, { recursive: true });
    },
  };
}
