import assert from "node:assert/strict";
import { type Lab, startLab } from "../../support/simulator.ts";
import { startPxrun } from "../../support/terminal.ts";
import { until } from "../../support/until.ts";

async function labWithContainer(): Promise<Lab> {
  const lab = await startLab();
  const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
  const { status, stderr } = await lab.run([...args, "--yes"]);
  assert.equal(status, 0, stderr);
  return lab;
}

Deno.test("shell hands the terminal to the shell inside: keys, Ctrl-C, size and exit status", async () => {
  await using lab = await labWithContainer();
  await using terminal = startPxrun(["shell", "web-1"], {
    env: { ...lab.simulator.env(), HOME: "/nonexistent" },
    columns: 91,
    rows: 34,
  });
  await terminal.until(/root@web-1:~# $/);
  const shown = (): string | undefined => lab.simulator.ssh.commands.at(-1)?.window;
  assert.equal(shown(), "xterm-256color 91x34");
  await terminal.resize(120, 40);
  await until("the new size", () => shown() === "xterm-256color 120x40");
  await terminal.type("never done");
  await terminal.key("ctrl-c");
  await terminal.until(/never done\^C\n/);
  await terminal.type("printf '\\033[31mred\\033[0m\\n'; exit 7");
  await terminal.key("enter");
  assert.equal(await terminal.status, 7, terminal.text());
  assert.ok(terminal.raw().includes("\x1b[31mred\x1b[0m"));
});

Deno.test("shell goes on behind a question that was answered first", async () => {
  await using lab = await labWithContainer();
  const home = await Deno.makeTempDir({ prefix: "pxrun-terminal-" });
  try {
    const env = { ...lab.simulator.env(), HOME: home, PXRUN_KNOWN_HOSTS: `${home}/known_hosts` };
    await using terminal = startPxrun(["shell", "web-1"], { env });
    await terminal.until(/Is it the right one\?/);
    await terminal.type("y");
    await terminal.key("enter");
    await terminal.until(/root@web-1:~# $/);
    for (const number of [1, 2, 3]) {
      await terminal.type(`echo $((41 + ${number}))`);
      await terminal.key("enter");
      await terminal.until(new RegExp(`\n${41 + number}\n`));
    }
    await terminal.key("ctrl-d");
    assert.equal(await terminal.status, 0, terminal.text());
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("shell leaves the terminal as it found it", async () => {
  await using lab = await labWithContainer();
  await using terminal = startPxrun(["shell", "web-1"], {
    env: { ...lab.simulator.env(), HOME: "/nonexistent" },
  });
  await terminal.until(/root@web-1:~# $/);
  const settings = async (): Promise<string> => {
    const device = await Deno.readLink(`/proc/${await terminal.pid}/fd/0`);
    const { stdout } = await new Deno.Command("stty", { args: ["-F", device, "-a"] }).output();
    return new TextDecoder().decode(stdout);
  };
  const raw = await settings();
  for (const name of ["-icanon", "-echo", "-isig", "-opost", "-icrnl", "-ixon"]) {
    assert.ok(raw.includes(`${name} `), raw);
  }
  lab.simulator.ssh.inject({ name: "drop-packet", at: 1 });
  await terminal.type("x");
  assert.equal(await terminal.status, 125, terminal.text());
  assert.match(terminal.text(), /error: the SSH connection [^\n]*lost/);
});
