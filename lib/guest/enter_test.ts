import assert from "node:assert/strict";
import { until } from "../../tests/support/until.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { enterAhead, entryCommand, entryFailure, lacksLxcAttach, sudoRefusal } from "./enter.ts";

Deno.test("entryCommand() is the same for every script", () => {
  assert.equal(entryCommand(105, "lxc-attach", false), "lxc-attach -n 105 --clear-env -- sh -s");
  assert.equal(entryCommand(105, "pct", true), "sudo -n pct exec 105 --keep-env 0 -- sh -s");
});

Deno.test("lacksLxcAttach() knows the words of shells and sudo", () => {
  for (
    const text of [
      "bash: line 1: lxc-attach: command not found\n",
      "sh: 1: lxc-attach: not found\n",
      "sudo: lxc-attach: command not found\n",
      "sudo: unable to resolve host pve01\nsudo: lxc-attach: command not found\n",
    ]
  ) assert.ok(lacksLxcAttach(text), text);
  for (const text of ["", "sh: 1: curl: not found\n"]) {
    assert.ok(!lacksLxcAttach(text), text);
  }
});

const NOT_RUNNING =
  "lxc-attach: 400: ../src/lxc/attach.c: get_attach_context: 406 Connection refused - Failed to get init pid\n" +
  "lxc-attach: 400: ../src/lxc/attach.c: lxc_attach: 1474 Connection refused - Failed to get attach context\n";

Deno.test("entryFailure() tells a container that does not run", () => {
  const warned = `sudo: unable to resolve host pve01\n${NOT_RUNNING}`;
  for (const stderr of [NOT_RUNNING, warned, "container '400' not running!\n"]) {
    const failure = entryFailure(400, "1", stderr);
    assert.equal(failure.message, "container 400 does not run on this node");
    assert.match(failure.hint ?? "", /pct start 400/);
  }
});

Deno.test("entryFailure() tells other refusals of the entry program", () => {
  const noShell =
    'lxc-attach: 400: ../src/lxc/attach.c: lxc_attach_run_command: 1845 No such file or directory - Failed to exec "sh"\n';
  assert.match(
    entryFailure(400, "127", noShell).message,
    /^cannot enter container 400: lxc-attach: .* Failed to exec "sh"$/,
  );
  const noConfig = "Configuration file 'nodes/vm/lxc/400.conf' does not exist\n";
  assert.match(
    entryFailure(400, "2", noConfig).message,
    /does not exist$/,
  );
  for (const before of ["", "sudo: unable to resolve host pve01\n"]) {
    const sudo = entryFailure(400, "1", `${before}sudo: a password is required\n`);
    assert.equal(sudo.code, "PERMISSION_DENIED");
    assert.match(sudo.message, /password is required$/);
  }
  assert.match(entryFailure(400, "137", "").message, /it ended with 137$/);
});

Deno.test("sudoRefusal() tells a refusal of sudo from its warnings", () => {
  const warnings = [
    "sudo: unable to resolve host pve1-lab: Name or service not known",
    "sudo: setrlimit(RLIMIT_CORE): Operation not permitted",
    "sudo: unable to send audit message: Operation not permitted",
  ];
  assert.equal(sudoRefusal(warnings.join("\n")), undefined);
  for (
    const refusal of [
      "sudo: a password is required",
      "sudo: sorry, you must have a tty to run sudo",
      "Sorry, user admin is not allowed to execute '/usr/bin/lxc-attach' as root on pve01.",
    ]
  ) assert.equal(sudoRefusal([...warnings, refusal, ...warnings].join("\n")), refusal);
});

/** A node whose every command reads its standard input to the end and prints it. */
function echoing(): { ssh: SshTransport; commands: string[]; ended: string[] } {
  const commands: string[] = [];
  const ended: string[] = [];
  const exec = async (command: string, options: ExecOptions = {}): Promise<ExecResult> => {
    commands.push(command);
    const aborted = new Promise<never>((_, reject) =>
      options.signal?.addEventListener("abort", () => reject(options.signal?.reason))
    );
    const { stdin } = options;
    assert.ok(typeof stdin === "object" && Symbol.asyncIterator in stdin);
    const read = async (): Promise<void> => {
      for await (const chunk of stdin) {
        // As a shell does that runs what announces the rest.
        const [, id = ""] = /pxrun-out:%s: (\S+)/.exec(text(chunk)) ?? [];
        options.onStdout?.(new TextEncoder().encode(`pxrun-out:${id}:${text(chunk)}`));
      }
    };
    await Promise.race([read(), aborted]).finally(() => ended.push(command));
    return { code: 0, signal: undefined, stdout: new Uint8Array(), stderr: new Uint8Array() };
  };
  const close = (): Promise<void> => Promise.resolve();
  return { ssh: { exec, close, [Symbol.asyncDispose]: close }, commands, ended };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("enterAhead() enters the container before there is a script, and runs it then", async () => {
  const { ssh, commands } = echoing();
  const shell = enterAhead(ssh, 105, { sudo: true });
  assert.deepEqual(commands, [
    "sh -c 'read -r go && exec sudo -n lxc-attach -n 105 --clear-env -- sh -s'",
  ]);
  assert.equal(shell.usable, true);
  const running = shell.run("echo hello\n", {});
  assert.equal(shell.usable, false);
  assert.match(text((await running).stdout), /^go\n[^\n]*\necho hello\n$/);

  const seen: string[] = [];
  const other = enterAhead(ssh, 105, {});
  await other.run("echo again\n", { onStdout: (chunk) => void seen.push(text(chunk)) });
  assert.match(seen.join(), /^go\n[^\n]*\necho again\n$/);
});

Deno.test("enterAhead() ends with the signal of what runs in it, and when nothing will", async () => {
  const { ssh, ended } = echoing();
  const reason = new Error("the user pressed Ctrl-C");
  const stopped = enterAhead(ssh, 105, {}).run("sleep 60\n", {
    signal: AbortSignal.abort(reason),
  });
  await assert.rejects(stopped, reason);
  const left = enterAhead(ssh, 106, {});
  left.leave();
  left.leave();
  await Promise.resolve();
  assert.equal(left.usable, false);
  await until("both to end", () => ended.length === 2);
});

Deno.test("enterAhead() is not usable any more once its shell has ended", async () => {
  const lost = new Error("the connection was lost");
  const { ssh } = echoing();
  const shell = enterAhead({ ...ssh, exec: () => Promise.reject(lost) }, 105, {});
  await until("the shell to be given up", () => !shell.usable);
});
