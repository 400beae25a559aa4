import assert from "node:assert/strict";
import { Secret } from "../../../lib/core/secret.ts";
import type { Step } from "../../../lib/provision/step.ts";
import { scriptStep, type ScriptWish } from "../../../lib/provision/steps/scripts.ts";
import { apply, eachShell, filesWith, HOSTILE, nothingKept, processesAre } from "./in_root.ts";

function script(content: ScriptWish["content"], wish: Partial<ScriptWish> = {}): Step {
  return scriptStep("scripts[0]", {
    name: "setup",
    interpreter: "sh",
    content,
    environment: {},
    timeout: 30,
    continue_on_error: false,
    ...wish,
  });
}

eachShell("scriptStep() runs each time and reports its output", async (root) => {
  const step = script("echo out; echo err >&2; echo x >>/tmp/ran; cat; echo $?");
  for (let time = 0; time < 2; time++) {
    const { changed, output } = await apply(root, [step]);
    assert.deepEqual(changed, ["scripts[0]"]);
    assert.deepEqual([...output].sort(), ["0", "err", "out"]);
  }
  assert.equal(await root.read("/tmp/ran"), "x\nx\n");
  await nothingKept(root);
});

eachShell("scriptStep() hands values and script over byte for byte", async (root) => {
  const environment = {
    A: HOSTILE,
    B: new Secret("two\nlines\n"),
    C: "",
    PATH: "/usr/local/bin:/bin",
  };
  const body =
    `printf '%s|' "$A" "$B" "$C" "$PATH" >/tmp/got\ncat >>/tmp/got <<'EOF'\n${HOSTILE}\nEOF\n`;
  const { error } = await apply(root, [script(body, { environment })]);
  assert.equal(error, undefined);
  const expected = `${HOSTILE}|two\nlines\n||/usr/local/bin:/bin|${HOSTILE}\n`;
  assert.equal(await root.read("/tmp/got"), expected);
  await assert.rejects(Deno.stat(`${root.directory}/tmp/hit`), Deno.errors.NotFound);
});

eachShell("scriptStep() runs 1 MB of script", async (root) => {
  const body = `: ${"x".repeat(1_000_000)}\necho reached\n`;
  const { output, error } = await apply(root, [script(body)]);
  assert.deepEqual([output, error], [["reached"], undefined]);
});

eachShell("scriptStep() takes other interpreters, with options", async (root) => {
  await root.program("interpret", 'echo "[$1][$2]"; cat "$3"');
  const bytes = new Uint8Array([0x61, 0x00, 0x62, 0xff, 0x0a]);
  const { output } = await apply(root, [script(bytes, { interpreter: "interpret -a  b" })]);
  assert.deepEqual(output, ["[-a][b]", "ab\ufffd"]);
  const bash = await apply(root, [
    script("[[ a == a ]] && echo ${BASH_VERSION%%.*}", { interpreter: "bash" }),
  ]);
  assert.match(bash.output.join(), /^\d+$/);
});

eachShell("scriptStep() sets up where and as whom it runs", async (root) => {
  const body = 'id -un; id -gn; pwd; printf "%s\\n" "$HOME $USER $LOGNAME $A"; umask';
  const asRoot = await apply(root, [script(body)]);
  assert.deepEqual(asRoot.output, ["root", "root", "/root", "/root root root ", "0022"]);
  const environment = { A: HOSTILE };
  const asDev = await apply(root, [script(body, { run_as: "dev", environment })]);
  assert.deepEqual(asDev.output, [
    "dev",
    "dev",
    "/home/dev",
    `/home/dev dev dev ${HOSTILE}`,
    "0022",
  ]);
  await Deno.mkdir(`${root.directory}/srv/it's here`, { recursive: true });
  const there = await apply(root, [
    script("pwd", { run_as: "dev", working_dir: "/srv/it's here" }),
  ]);
  assert.deepEqual(there.output, ["/srv/it's here"]);
});

eachShell("scriptStep() keeps another user's script from others", async (root) => {
  const body = 'stat -c "%a %U" "$0"; stat -c %a "${0%/*}"; ls /run/pxrun';
  const { output } = await apply(root, [script(body, { run_as: "dev" })]);
  assert.deepEqual(output.slice(0, 2), ["700 dev", "711"]);
  assert.match(output.join("\n"), /Permission denied/);
  await nothingKept(root);
});

eachShell("scriptStep() says what is missing before it starts", async (root) => {
  const cases = [
    [{ run_as: "ghost" }, /there is no user ghost in this container to run as/],
    [{ working_dir: "/no/where" }, /the script has no directory to work in/],
    [{ interpreter: "cobol" }, /cobol is not installed in this container/],
    [{ interpreter: "/no/cobol", run_as: "dev" }, /\/no\/cobol is not installed/],
  ] as const;
  for (const [wish, message] of cases) {
    const { error, changed } = await apply(root, [script("echo ran >/tmp/ran", wish)]);
    assert.match(String(error), message);
    assert.deepEqual(changed, []);
  }
  await assert.rejects(root.read("/tmp/ran"), Deno.errors.NotFound);
});

eachShell("scriptStep() reports how a script ended, whoever runs it", async (root) => {
  for (const run_as of ["root", "dev"]) {
    const ended = await apply(root, [script("echo last; exit 77", { run_as })]);
    assert.match(String(ended.error), /it ended with exit status 77; its last lines:\n +last/);
    const killed = await apply(root, [script("echo last; kill -9 $$; echo more", { run_as })]);
    assert.match(
      String(killed.error),
      /it ended with exit status 137 \(killed by KILL.*\); its last lines:\n +last/,
    );
    assert.deepEqual(killed.output.filter((line) => line === "more"), []);
  }
  await nothingKept(root);
});

eachShell("scriptStep() ends a script that takes too long, with its file", async (root) => {
  for (const run_as of ["root", "dev"]) {
    const body = "# unique words of this body\nsleep 400 & sleep 401";
    const { error } = await apply(root, [script(body, { run_as, timeout: 1 })]);
    assert.match(String(error), /took longer than 1 s in container 105; it was ended/);
    await processesAre(root);
    await nothingKept(root);
    assert.deepEqual(await filesWith(root.directory, "unique words"), []);
  }
});

eachShell("scriptStep() goes on after a failure where that is wanted", async (root) => {
  const steps = [
    script("echo no; exit 3", { continue_on_error: true }),
    { ...script("sleep 402", { continue_on_error: true, timeout: 1 }), id: "scripts[1]" },
    { ...script("echo yes"), id: "scripts[2]" },
  ];
  const { events, changed, error } = await apply(root, steps);
  assert.equal(error, undefined);
  assert.deepEqual(changed, ["scripts[2]"]);
  const failures = events.flatMap((event) => event.type === "step-failed" ? [event] : []);
  assert.deepEqual(failures.map((event) => [event.step, event.ignored]), [
    ["scripts[0]", true],
    ["scripts[1]", true],
  ]);
  assert.match(failures[0]?.message ?? "", /exit status 3; its last lines:\n +no$/);
});

eachShell("scriptStep() runs as another user without runuser", async (root, shell) => {
  // BusyBox has a su of its own; that of util-linux needs PAM to agree.
  const agree = ["auth", "account", "session"].map((what) => `${what} sufficient pam_permit.so\n`);
  if (shell !== "ash") await root.write("/etc/pam.d/su", agree.join(""));
  const environment = { A: HOSTILE };
  const body = 'id -un; pwd; printf "%s\\n" "$HOME $A"; echo $#';
  const { output, error } = await apply(root, [script(body, { run_as: "dev", environment })]);
  assert.deepEqual([output, error], [["dev", "/home/dev", `/home/dev ${HOSTILE}`, "0"], undefined]);
}, { without: ["runuser"] });

eachShell("scriptStep() uses UTF-8 where the system has it", async (root) => {
  assert.deepEqual((await apply(root, [script("echo $LC_ALL")])).output, ["C"]);
  await root.program("locale", "echo C; echo C.utf8; echo POSIX");
  // bash warns that this root has no such locale; only the value counts here.
  const { output } = await apply(root, [script("echo $LC_ALL")]);
  assert.equal(output.at(-1), "C.UTF-8");
});
