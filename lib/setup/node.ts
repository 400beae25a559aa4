import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { reveal } from "../core/secret.ts";
import { type OpenContext, resolveSettings } from "../config/resolve.ts";
import { parseHost } from "../config/forms.ts";
import { connect, type ConnectOptions } from "../cluster/connect.ts";
import { loginNode } from "../cluster/nodes.ts";
import type { Platform } from "../core/platform.ts";
import { sudoRefusal } from "../guest/enter.ts";
import { type Permissions, permissions } from "../proxmox/api/access.ts";
import { get as getVersion } from "../proxmox/api/version.ts";
import { parseSshNodes } from "../ssh/route/node_address.ts";
import type { ExecResult } from "../ssh/client/transport.ts";

/** A node to which there is an SSH connection. */
export interface SetupNode extends AsyncDisposable {
  /** `root@10.0.0.11` */
  readonly place: string;
  /** The user who is logged in there. */
  readonly user: string;
  /** Runs a command as root, by sudo where the user is another; gives any exit status. */
  run(argv: readonly string[]): Promise<ExecResult>;
  /** The same without sudo. */
  runAsUser(argv: readonly string[]): Promise<ExecResult>;
}

/** Options for reaching a node. */
export interface SetupNodeOptions extends Pick<ConnectOptions, "ask" | "warn"> {
  readonly host: string;
  readonly sshUser: string;
  /** The context as it is so far: what it says about SSH counts. */
  readonly context: OpenContext;
  readonly signal: AbortSignal;
}

/** The environment without what would come before a context's own login. */
function withoutLogin(env: Platform["env"]): Platform["env"] {
  const login = /^PROXMOX_|^PXRUN_(CONFIG|CONTEXT)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !login.test(name)));
}

/**
 * Connects to the node of a host by SSH.
 *
 * @throws {PxrunError} As connecting by SSH does.
 */
export async function openSetupNode(
  platform: Platform,
  { host, sshUser, context, signal, ask, warn }: SetupNodeOptions,
): Promise<SetupNode> {
  const { name, file, values: { ssh = {} } } = context;
  const about: OpenContext = { name, file, values: { ssh } };
  const resolved = resolveSettings({}, platform.env, about);
  const nodes = resolved.find((setting) => setting.name === "ssh.nodes");
  const known = parseSshNodes(reveal(nodes?.value ?? ""), nodes?.from);
  const node = loginNode(parseHost(host) ?? "", known);
  const cluster = await connect(
    { ...platform, env: withoutLogin(platform.env) },
    { context: about, host, sshUser, ask, warn },
  );
  try {
    const [ssh, route] = await Promise.all([cluster.ssh(node, signal), cluster.route(node)]);
    if (route.user !== sshUser) {
      warn?.(`the address of ${node} names SSH user ${route.user}: taking that, not ${sshUser}`);
    }
    const runAsUser: SetupNode["run"] = (argv) => ssh.exec(commandLine(argv));
    return {
      place: `${route.user}@${route.host}`,
      user: route.user,
      runAsUser,
      run: async (argv) => {
        const result = await runAsUser(route.user === "root" ? argv : ["sudo", "-n", ...argv]);
        const said = stderrOf(result);
        if (result.code !== 0 && (sudoRefusal(said) ?? /\bsudo: .*not found/.exec(said))) {
          throw needsSudo(route.user, result);
        }
        return result;
      },
      [Symbol.asyncDispose]: () => cluster.close(),
    };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/**
 * Runs a command as root that must succeed.
 *
 * @returns Its standard output.
 */
export async function succeed(node: SetupNode, argv: readonly string[]): Promise<string> {
  const result = await node.run(argv);
  if (result.code === 0) return new TextDecoder().decode(result.stdout);
  // A refusal by its parameters ends with how the command is to be used.
  const said = stderrOf(result).split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !/^pve(um|sh) /.test(line)).join(" ");
  throw new PxrunError(
    "FAILED",
    `${argv.slice(0, 4).join(" ")} failed on ${node.place}: ` +
      (said || `it ended with ${result.code ?? result.signal}`),
  );
}

function needsSudo(user: string, result: ExecResult): PxrunError {
  return new PxrunError(
    "PERMISSION_DENIED",
    `SSH user ${user} may not manage Proxmox's users: ${
      sudoRefusal(stderrOf(result)) ?? stderrOf(result).split("\n")[0]
    }`,
    {
      hint:
        "--ssh-user root; or, as root on the node, `visudo -f /etc/sudoers.d/pxrun-setup` with\n" +
        `  ${user} ALL=(root) NOPASSWD: /usr/sbin/pveum, /usr/bin/pvesh, /usr/bin/openssl\n` +
        "or let an administrator do it",
      remedies: [{ kind: "setup", print: true }],
    },
  );
}

/** Standard error of a command, as text. */
export function stderrOf({ stderr }: ExecResult): string {
  return new TextDecoder().decode(stderr).trim();
}

/** Answers of the API to a context's own login. */
export interface Proof {
  readonly version: string;
  readonly tokenId: string;
  readonly permissions: Permissions;
}

/**
 * Asks the API with nothing but what a context says, whatever the environment has.
 *
 * @throws {PxrunError} UNAUTHORIZED when the token does not work, UNTRUSTED for a wrong certificate.
 */
export async function proveAccess(
  platform: Platform,
  context: OpenContext,
  { confirmCertificate }: Pick<ConnectOptions, "confirmCertificate"> = {},
): Promise<Proof> {
  await using cluster = await connect(
    { ...platform, env: withoutLogin(platform.env) },
    { context, confirmCertificate },
  );
  // One after the other: a token that is refused is tried once.
  const { version } = await getVersion(cluster.rest);
  return { version, tokenId: cluster.tokenId, permissions: await permissions(cluster.rest) };
}
