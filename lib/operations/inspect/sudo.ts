import { lacksLxcAttach, sudoRefusal } from "../../guest/enter.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import type { PlanProblem } from "../../core/problem.ts";

/** Commands that the steps run on a node, as they will run them; they change nothing. */
const trial = "sudo -n lxc-attach --version";

/**
 * Tries whether an SSH user other than root may run what enters a container.
 *
 * @param ssh The node.
 * @returns Why not, with the line for sudoers; undefined when they may.
 */
export async function trySudo(
  ssh: SshTransport,
  node: string,
  user: string,
): Promise<PlanProblem | undefined> {
  const { code, stderr } = await ssh.exec(trial);
  const said = new TextDecoder().decode(stderr).trim();
  // pct takes its place then, which the same line allows.
  if (code === 0 || lacksLxcAttach(said)) return undefined;
  const install = /sudo: (command )?not found/.test(said) ? "`apt install sudo`, then " : "";
  return {
    code: "PERMISSION_DENIED",
    message: `SSH user ${user} may not enter containers on ${node}: ${
      sudoRefusal(said) ?? said.split("\n")[0]
    }`,
    hint: `on ${node}, as root: ${install}\`visudo -f /etc/sudoers.d/pxrun\` with this line, ` +
      "or SSH_USER=root:\n" +
      `      ${user} ALL=(root) NOPASSWD: /usr/bin/lxc-attach, /usr/sbin/pct`,
  };
}
