import assert from "node:assert/strict";
import type { ExecResult, SshTransport } from "../../ssh/client/transport.ts";
import { trySudo } from "./sudo.ts";

/** A node on which every command ends in one way. */
function ending(code: number, stderr = ""): SshTransport & { commands: string[] } {
  const commands: string[] = [];
  return {
    commands,
    exec(command): Promise<ExecResult> {
      commands.push(command);
      const bytes = new TextEncoder().encode(stderr);
      return Promise.resolve({ code, signal: undefined, stdout: new Uint8Array(), stderr: bytes });
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("trySudo() runs what the steps will run, and is content where it works", async () => {
  const node = ending(0);
  assert.equal(await trySudo(node, "pve01", "admin"), undefined);
  assert.deepEqual(node.commands, ["sudo -n lxc-attach --version"]);
  const withoutAttach = ending(1, "sudo: lxc-attach: command not found\n");
  assert.equal(await trySudo(withoutAttach, "pve01", "admin"), undefined);
});

Deno.test("trySudo() names the line that sudoers lacks, and sudo itself where it is missing", async () => {
  const refused = await trySudo(ending(1, "sudo: a password is required\n"), "pve01", "admin");
  assert.equal(refused?.code, "PERMISSION_DENIED");
  assert.match(refused?.message ?? "", /admin .* on pve01: sudo: a password is required$/);
  assert.match(
    refused?.hint ?? "",
    /sudoers\.d\/pxrun[^]*\n {6}admin ALL=\(root\) NOPASSWD: \/usr\/bin\/lxc-attach, \/usr\/sbin\/pct$/,
  );
  const absent = await trySudo(ending(127, "sh: 1: sudo: not found\n"), "pve01", "admin");
  assert.match(absent?.hint ?? "", /`apt install sudo`/);
});
