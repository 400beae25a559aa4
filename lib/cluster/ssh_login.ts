import { limits } from "../core/limits.ts";
import type { Duplex } from "node:stream";
import { untilAborted } from "../core/within.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { within } from "../core/within.ts";
import type { Timeouts } from "../core/limits.ts";
import type { Platform } from "../core/platform.ts";
import { apiToken } from "../proxmox/http/auth.ts";
import { Unreachable } from "../proxmox/http/errors.ts";
import { OWNER, TOKEN_PREFIX, tokenComment } from "../proxmox/api/run_tokens.ts";
import { tlsTransport } from "../proxmox/http/tls.ts";
import type { ByteTransport } from "../proxmox/http/transport.ts";
import type { SshConnection } from "../ssh/client/connection.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import type { LoggedIn } from "./login.ts";
import { failed, runAsRoot, textOf } from "./node_command.ts";

/** The node to log in through. */
export interface SshLoginOptions {
  /** Its connection; opened again when it was lost. */
  readonly connection: () => Promise<SshConnection>;
  /** User of the login there: all but root need `sudo -n`. */
  readonly user: () => Promise<string>;
  readonly platform: Pick<Platform, "clock" | "self" | "terminal">;
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/** Token and its connection, once it is made. */
interface Started {
  readonly secret: Secret;
  readonly transport: ByteTransport;
}

/** Commands that a user other than root must be allowed. */
const PROGRAMS = "/usr/bin/openssl, /usr/bin/pvesh";

/** The API as the node itself reaches it. */
const API = { host: "127.0.0.1", port: 8006 };

/**
 * A login for a user who may be root on a node: over SSH a token of root@pam is
 * made that expires in hours, the API is spoken to through the same SSH
 * connection, with the certificate that the node says is its own, and closing
 * the transport removes the token. Nothing happens before the first request.
 */
export function sshLogin({ connection, user, platform, timeouts }: SshLoginOptions): LoggedIn {
  const { clock, self, terminal } = platform;
  const name = `${TOKEN_PREFIX}${clock.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`;
  const id = `${OWNER}!${name}`;
  const closing = new AbortController();
  let started: Promise<Started> | undefined;
  let mayExist = false;
  let api: ByteTransport | undefined;

  async function run(argv: readonly string[], signal: AbortSignal): Promise<ExecResult> {
    const [ssh, who] = await untilAborted(Promise.all([connection(), user()]), signal);
    return await runAsRoot(ssh, who, argv, { signal });
  }

  async function start(): Promise<Started> {
    try {
      const fingerprint = await readFingerprint((argv) => run(argv, closing.signal));
      // From here on the token may be there, so this is seen to its end.
      mayExist = true;
      const secret = await within(
        { clock, ms: limits.login.makeToken, what: "making a token" },
        async (late) => {
          const expire = String(Math.floor((clock.now() + limits.login.tokenLifetime) / 1000));
          const path = `/access/users/${OWNER}/token/${name}`;
          const options = ["--privsep", "0", "--expire", expire, "--comment", tokenComment(self)];
          const json = ["--output-format", "json"];
          const result = await run(["pvesh", "create", path, ...options, ...json], late);
          mayExist = result.code === 0 || result.code === undefined;
          return readSecret(result);
        },
      );
      api = tlsTransport({
        baseUrl: `https://${API.host}:${API.port}`,
        trust: { fingerprint },
        timeouts,
        dial: async (track, late) => {
          const stream = await openStream(connection, late);
          track(stream);
          return stream;
        },
      });
      return { secret, transport: api };
    } catch (error) {
      throw closing.signal.aborted ? error : explained(error);
    }
  }

  async function ready(signal: AbortSignal | undefined): Promise<Started> {
    closing.signal.throwIfAborted();
    return await untilAborted(started ??= start(), signal);
  }

  async function remove(): Promise<void> {
    try {
      await within(
        { clock, ms: limits.login.removeToken, what: "removing the token" },
        async (late) => {
          await untilAborted(Promise.allSettled([started]), late);
          if (!mayExist) return;
          const result = await run(
            ["pvesh", "delete", `/access/users/${OWNER}/token/${name}`],
            late,
          );
          const text = textOf(result.stderr);
          if (result.code !== 0 && !/no such token/i.test(text)) throw new Error(text);
        },
      );
    } catch (error) {
      terminal.err(
        `the token ${id} could not be removed (${messageOf(error)}); it expires within ` +
          "4 hours, and a cleanup removes it now\n",
      );
    }
  }

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closing.abort(new PxrunError("FAILED", "the connection to Proxmox was closed"));
    if (started === undefined) return;
    await remove();
    await api?.close();
  }

  return {
    id,
    authentication: {
      async headers(method, signal) {
        const { secret } = await ready(signal);
        return await apiToken({ id, secret }).headers(method);
      },
    },
    transport: {
      request: async (request) => (await ready(request.signal)).transport.request(request),
      close: () => closed ??= close(),
    },
  };
}

/** A connection that was just lost is opened again for the next try of a read. */
async function openStream(
  connection: SshLoginOptions["connection"],
  late: AbortSignal,
): Promise<Duplex> {
  try {
    return await (await connection()).forward(API.host, API.port, late);
  } catch (error) {
    if (error instanceof PxrunError && error.code !== "UNREACHABLE") throw error;
    const lost = error instanceof PxrunError;
    const place = `${API.host}:${API.port}`;
    throw new Unreachable(
      lost ? error.message : `cannot reach ${place} through SSH: ${messageOf(error)}`,
      {
        transient: lost,
        sent: false,
        cause: error,
        hint: lost
          ? error.hint
          : "does pveproxy run on the node, and does its sshd_config say AllowTcpForwarding yes?",
      },
    );
  }
}

/**
 * The fingerprint of the API's certificate, as its node has it: an own one where there is one,
 * else the cluster's.
 *
 * @param run Runs a command on the node as root.
 */
export async function readFingerprint(
  run: (argv: readonly string[]) => Promise<ExecResult>,
): Promise<string> {
  let result: ExecResult | undefined;
  for (const file of ["pveproxy-ssl.pem", "pve-ssl.pem"]) {
    const path = `/etc/pve/local/${file}`;
    result = await run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", path]);
    const [, fingerprint] = /fingerprint=([0-9a-f:]{95})\s*$/i.exec(textOf(result.stdout)) ?? [];
    if (result.code === 0 && fingerprint !== undefined) return fingerprint;
  }
  throw failed("the certificate of the API cannot be read", result, PROGRAMS);
}

/** Nothing of what pvesh prints may get into an error. */
function readSecret(result: ExecResult): Secret {
  if (result.code !== 0) throw failed("pvesh made no token", result, PROGRAMS);
  try {
    const { value } = Object(JSON.parse(textOf(result.stdout)));
    if (typeof value === "string" && value !== "") return new Secret(value);
  } catch {
    // The same as no secret.
  }
  throw new PxrunError("FAILED", "pvesh made a token and printed no secret of it", {
    hint: "is something in the shell's start-up files printing text on the node?",
  });
}

/** Most who get here did not mean to: they have only not set a token. */
function explained(error: unknown): unknown {
  if (!(error instanceof PxrunError)) return error;
  const hint = "or log in with PROXMOX_TOKEN_ID and PROXMOX_TOKEN_SECRET, or PROXMOX_USER";
  return new PxrunError(error.code, `cannot log in by SSH alone: ${error.message}`, {
    hint: error.hint === undefined ? hint : `${error.hint}\n${hint}`,
    remedies: error.remedies,
    cause: error,
  });
}
