import assert from "node:assert/strict";
import { startLxcLab } from "../../lab/mod.ts";
import { startPxrun } from "../../support/terminal.ts";

const templates = { deb: "debian-13", bb: "busybox-1.35_1_amd64.tar.zst" };

Deno.test("shell is a terminal in a real container: size, Ctrl-C, colours, exit status", async () => {
  await using lab = await startLxcLab("debian-13", "busybox");
  for (const [hostname, template] of Object.entries(templates)) {
    const stdin = JSON.stringify({ container: { hostname, template } });
    const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin });
    assert.equal(status, 0, stderr);
    await using terminal = startPxrun(["shell", hostname], {
      env: { ...lab.simulator.env(), HOME: "/nonexistent" },
      columns: 91,
      rows: 34,
    });
    const answer = async (command: string, pattern: RegExp): Promise<void> => {
      await terminal.type(`${command}\r`);
      await terminal.until(pattern);
      await terminal.until(/# $/);
    };
    await terminal.until(/# $/);
    await answer("stty size; echo $TERM $HOME; tty", /34 91\nxterm-256color \/root\n\/dev\/\S/);
    await terminal.resize(120, 40);
    // The new size comes by way of three terminals.
    await answer(
      "until [ \"$(stty size)\" = '40 120' ]; do sleep 0.1; done; echo it $?",
      /it 0\n/,
    );
    // By a process of its own, which the terminal belongs to once it has spoken.
    await terminal.type("sh -c 'echo begun; exec sleep 1000'\r");
    await terminal.until(/begun\n/);
    await terminal.key("ctrl-c");
    await terminal.until(/\^C\n*.*# $/);
    await answer("printf '\\033[31m%s\\033[0m\\n' r''ed", /red\n/);
    assert.ok(terminal.raw().includes("\x1b[31mred\x1b[0m"));
    assert.ok(!terminal.text().includes("pxrun-shell-"), terminal.text());
    await terminal.type("exit 7\r");
    assert.equal(await terminal.status, 7, terminal.text());
  }
});
