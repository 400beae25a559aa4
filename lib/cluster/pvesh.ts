import { PxrunError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { Secret } from "../core/secret.ts";
import { untilAborted } from "../core/within.ts";
import { within } from "../core/within.ts";
import type { Clock } from "../core/platform.ts";
import { classify } from "../proxmox/http/classify.ts";
import { Unreachable } from "../proxmox/http/errors.ts";
import type { Caller } from "../proxmox/http/rest.ts";
import { type Params, type ParamValue, textOf as paramText } from "../proxmox/http/wire.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { onlyReads } from "./cluster.ts";
import { failed, runAsRoot, textOf } from "./node_command.ts";

/** As whom pvesh acts. */
export const PVESH_USER = "root@pam";

/** The nodes as pvesh reaches them. */
export interface PveshOptions {
  /** A node's connection; of no node in particular, the one to log in through. */
  readonly connection: (node: string | undefined) => Promise<SshTransport>;
  /** User of the login there: all but root need `sudo -n`. */
  readonly user: (node: string | undefined) => Promise<string>;
  readonly clock: Clock;
}

/**
 * The API without any credential of its own, for reading: each call is a `pvesh get` on a node, over
 * SSH. A write would stand in the arguments of a command that every user of the node can see, and
 * its task would end with the connection.
 */
export function pveshCaller({ connection, user, clock }: PveshOptions): Caller {
  async function run(
    argv: readonly string[],
    node: string | undefined,
    signal: AbortSignal,
  ): Promise<ExecResult> {
    const opened = Promise.all([connection(node), user(node)]).catch((error) => {
      throw unreachable(error, false);
    });
    const [ssh, who] = await untilAborted(opened, signal);
    return await runAsRoot(ssh, who, argv, { signal, most: limits.bytes.reply }).catch((error) => {
      throw unreachable(error, true);
    });
  }

  return {
    async send(method, path, params, signal) {
      const request = `${method} ${path}`;
      if (method !== "GET") throw onlyReads(request);
      const { node, argv } = pveshCommand(path, params);
      const result = await within(
        { clock, ms: limits.login.pveshRead, what: request, signal },
        (late) => run(argv, node, late),
      );
      return readResult(request, result);
    },
    // The connections are not its own.
    close: () => Promise.resolve(),
  };
}

/** A read as a command of a node, with the node that it is about, if it is about one. */
export function pveshCommand(
  path: string,
  params: Params,
): { readonly argv: readonly string[]; readonly node: string | undefined } {
  const names = path.split("/").map(decodeURIComponent);
  if (names.some((name) => name.includes("/") || name === "..")) {
    throw new PxrunError("FAILED", `pvesh cannot be asked for ${path}: a name in it has a slash`);
  }
  const options = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, wordOf(name, value)]
  );
  return {
    argv: ["pvesh", "get", names.join("/"), ...options, "--output-format", "json"],
    node: names[1] === "nodes" ? names[2] : undefined,
  };
}

/** A value in an argument, which every user of the node can see. */
function wordOf(name: string, value: ParamValue): string {
  if (value instanceof Secret) {
    throw new PxrunError("FAILED", `pvesh cannot be given ${name}: it is a secret`);
  }
  return paramText(value);
}

/** The `data` of a reply. */
function readResult(request: string, result: ExecResult): unknown {
  if (result.code !== 0) throw refusal(request, result);
  const printed = textOf(result.stdout).trim();
  if (printed === "") return null;
  try {
    return JSON.parse(printed);
  } catch (cause) {
    const text = `pvesh printed something that is not JSON (${request}): ${printed.slice(0, 200)}`;
    throw new PxrunError("FAILED", text, { cause });
  }
}

/** pvesh says `400 Parameter verification failed.` and a line for each, or only the text. */
function refusal(request: string, result: ExecResult): PxrunError {
  const said = textOf(result.stderr).trim();
  if (result.code === undefined || result.code === 127 || said === "" || /^sudo: /.test(said)) {
    return failed(`pvesh did not run (${request})`, result, "/usr/bin/pvesh");
  }
  const [first = "", ...others] = said.split("\n");
  const [, status, text] = /^([45]\d\d) (.*)$/.exec(first) ?? [];
  if (status !== "400") {
    return classify(
      status === undefined || text === undefined
        ? { request, status: 500, text: said }
        : { request, status: Number(status), text: [text, ...others].join("\n") },
    );
  }
  const errors = others.flatMap((line) => {
    const [, name, complaint] = /^([\w-]+): (.*)$/.exec(line) ?? [];
    return name === undefined || complaint === undefined ? [] : [[name, complaint]];
  });
  return classify({ request, status: 400, text: text ?? "", errors: Object.fromEntries(errors) });
}

/** A lost connection may be opened again; another failure to connect stays. */
function unreachable(error: unknown, sent: boolean): unknown {
  if (!(error instanceof PxrunError) || error.code !== "UNREACHABLE") return error;
  const { message, hint, remedies } = error;
  return new Unreachable(message, { transient: true, sent, cause: error, hint, remedies });
}
