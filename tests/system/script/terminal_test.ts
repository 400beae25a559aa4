import assert from "node:assert/strict";
import { startTerminal } from "../../support/terminal.ts";

Deno.test("startTerminal() gives a program a terminal with a size, an environment and an exit status", async () => {
  const script = 'test -t 0 && test -t 1 && stty size && echo "$GREETING, $TERM" && exit 7';
  await using terminal = startTerminal(["sh", "-c", script], {
    env: { GREETING: "it's me" },
    columns: 77,
    rows: 22,
  });
  await terminal.until(/22 77\n/);
  await terminal.until(/it's me, xterm-256color/);
  assert.equal(await terminal.status, 7);
});

Deno.test("startTerminal() passes on text, keys, a new size and signals", async () => {
  const script = `trap 'stty size' WINCH; trap 'echo interrupted' INT; trap 'exit 3' TERM
echo ready; while :; do read -r line && echo "<$line>"; done`;
  await using terminal = startTerminal(["bash", "-c", script]);
  await terminal.until(/ready\n/);
  await terminal.type("hello\n");
  await terminal.until(/hello\n<hello>\n/);
  await terminal.key("ctrl-c");
  await terminal.until(/interrupted/);
  await terminal.resize(120, 40);
  await terminal.type("\n");
  await terminal.until(/40 120/);
  await terminal.signal("SIGTERM");
  await terminal.type("\n");
  assert.equal(await terminal.status, 3);
});

Deno.test("startTerminal() ends a program that would not end, with its scope", async () => {
  let pid: number;
  {
    await using terminal = startTerminal([
      "sh",
      "-c",
      "trap '' HUP TERM; echo ready; exec sleep 1000",
    ]);
    await terminal.until(/ready/);
    pid = await terminal.pid;
  }
  await assert.rejects(Deno.stat(`/proc/${pid}`));
});

Deno.test("until() says what was there when a program ends without what is waited for", async () => {
  await using terminal = startTerminal(["echo", "something else"]);
  await assert.rejects(terminal.until(/never/), /ended without: \/never\/\n[\s\S]*something else/);
});
