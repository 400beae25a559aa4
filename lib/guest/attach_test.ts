import assert from "node:assert/strict";
import { entryCommand, entryFailure, lacksLxcAttach, sudoRefusal } from "./attach.ts";

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
