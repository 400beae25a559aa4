import type { LxcLab } from "../../lab/mod.ts";

/** The words of OpenSSH's own client that lead to the lab's node. */
export function sshWords(lab: LxcLab): string[] {
  const env = lab.simulator.env();
  return ["ssh", "-F", "none", "-i", env["SSH_KEY_PATH"] ?? ""]
    .concat("-p", `${lab.simulator.ssh.nodes["pve01"]?.port}`)
    .concat("-o", `UserKnownHostsFile=${env["PXRUN_KNOWN_HOSTS"]}`, "-o", "BatchMode=yes")
    .concat("root@127.0.0.1");
}
