import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { untilAborted } from "../core/until_aborted.ts";
import { OWNER } from "../proxmox/run_tokens.ts";
import type { ByteReply, ByteRequest } from "../proxmox/transport.ts";
import type { LoggedIn } from "./login.ts";
import type { SshLoginOptions } from "./ssh_login.ts";

/**
 * The API as `pvesh get` on a node reads it, for those who are to leave nothing behind, not
 * even for a moment: no token is made. It takes about a second a call, and only reads.
 */
export function pveshLogin({ connection, user }: Omit<SshLoginOptions, "world">): LoggedIn {
  async function request({ method, path, signal }: ByteRequest): Promise<ByteReply> {
    if (method !== "GET") {
      throw new PxrunError("NOT_BUILT", `${method} ${path} is more than \`pvesh get\` does`);
    }
    const [ssh, who] = await untilAborted(Promise.all([connection(), user()]), signal);
    const argv = pveshArgv(path);
    const command = commandLine(who === "root" ? argv : ["sudo", "-n", ...argv]);
    const { code, stdout, stderr } = await ssh.exec(command, { signal });
    const said = new TextDecoder().decode(stderr).trim();
    if (code !== 0) {
      if (/^sudo: /.test(said)) throw noSudo(said);
      if (code === 127) throw noPvesh(said);
      return reply(/^(Permission check failed|403 )/.test(said) ? 403 : 500, said);
    }
    return reply(200, "OK", `{"data":${new TextDecoder().decode(stdout).trim() || "null"}}`);
  }

  return {
    id: OWNER,
    authentication: { headers: () => Promise.resolve({}) },
    transport: { request, close: () => Promise.resolve() },
  };
}

/** `/api2/json/nodes?type=x` as pvesh takes it. */
function pveshArgv(path: string): string[] {
  const [place = "", query = ""] = path.replace("/api2/json", "").split("?");
  const options = [...new URLSearchParams(query)].flatMap(([name, value]) => [`--${name}`, value]);
  return ["pvesh", "get", decodeURIComponent(place), ...options, "--output-format", "json"];
}

function reply(status: number, reason: string, body = ""): ByteReply {
  return { status, reason, headers: {}, body };
}

function noSudo(said: string): PxrunError {
  return new PxrunError("PERMISSION_DENIED", `pvesh cannot be run: ${said}`, {
    hint: "log in as root, or allow it in /etc/sudoers.d: USER ALL=(root) NOPASSWD: /usr/bin/pvesh",
  });
}

function noPvesh(said: string): PxrunError {
  return new PxrunError("FAILED", `pvesh cannot be run: ${said}`, {
    hint: "is this a node of Proxmox VE? PXRUN_SSH_NODES=NODE=root@ADDRESS names one",
  });
}
