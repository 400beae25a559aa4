import assert from "node:assert/strict";
import { commandLine } from "../../../lib/core/argv.ts";
import type { Env } from "../../../lib/core/platform.ts";
import { type LoginCase, logins, passwordOf, runTokens } from "../../support/logins.ts";
import { type Lab, startLab } from "../../support/simulator.ts";
import { type PseudoTerminal, pxrun, startPxrun, startTerminal } from "../../support/terminal.ts";

/** Runs pxrun against the lab, as a user whose home directory is empty. */
function start(lab: Lab, args: readonly string[], env: Env = {}): PseudoTerminal {
  return startPxrun(args, { env: { ...lab.simulator.env(), HOME: "/nonexistent", ...env } });
}

function envOf(name: LoginCase["name"], lab: Lab): Env {
  const login = logins.find((login) => login.name === name);
  assert.ok(login);
  return login.env(lab.simulator);
}

const byPassword = (lab: Lab): Env => ({ ...envOf("ticket", lab), PROXMOX_PASSWORD: undefined });

Deno.test("create asks five questions on a terminal, and does what was answered", async () => {
  await using lab = await startLab();
  await using terminal = start(lab, ["create"]);
  await terminal.until(/\? Hostname/);
  await terminal.type("web_1");
  await terminal.key("enter");
  // Folded at a word: the terminal would break it inside of one.
  await terminal.until(/letters, digits and hyphens, .* did you mean *\r?\n *web-1\?/);
  await terminal.key("backspace");
  await terminal.key("backspace");
  await terminal.type("-1");
  await terminal.key("enter");
  await terminal.until(/Template[\s\S]*❯ debian-13/);
  // What is typed filters, and what is found stands alone in the answer.
  await terminal.type("22.04");
  await terminal.until(/❯ ubuntu-22\.04 {2}downloaded first/);
  await terminal.key("enter");
  await terminal.until(
    /✓ Template ubuntu-22\.04(?! {2}downloaded)[\s\S]*Cores, memory in MiB, disk in GiB/,
  );
  // Esc goes back one question.
  await terminal.key("escape");
  await terminal.until(/❯ ubuntu-22\.04/);
  await terminal.type("debian-13");
  await terminal.until(/❯ debian-13[\s\S]*❯ debian-13/);
  await terminal.key("enter");
  await terminal.until(/✓ Template debian-13[\s\S]*Cores, memory in MiB/);
  await terminal.type("4 2048 16");
  await terminal.key("enter");
  await terminal.until(/Create it\? \(Y\/n\)/);
  assert.deepEqual(lab.containers(), []);
  await terminal.key("enter");
  await terminal.until(/web-1/);
  assert.equal(await terminal.status, 0, terminal.text());
  const [ct] = lab.simulator.cluster.cts.values();
  const { hostname, cores, memory, rootfs } = ct?.config ?? {};
  assert.deepEqual({ hostname, cores, memory }, { hostname: "web-1", cores: "4", memory: "2048" });
  assert.match(String(rootfs), /size=16G/);
});

Deno.test("a question goes on where it was after Ctrl-Z and fg", async () => {
  await using lab = await startLab();
  const env = { ...lab.simulator.env(), HOME: "/nonexistent", PS1: "shell> " };
  await using shell = startTerminal(["bash", "--norc", "--noprofile", "-i"], { env });
  await shell.until(/shell> /);
  const command = commandLine(pxrun(["create", "--template", "debian-13", "--dry-run"]));
  await shell.type(`${command}\r`);
  await shell.until(/\? Hostname/);
  await shell.type("web");
  for (const [last, shown] of [["-", /\? Hostname web-/], ["1", /\? Hostname web-1/]] as const) {
    await shell.key("ctrl-z");
    await shell.until(/Stopped[\s\S]*shell> /);
    await shell.type("fg\r");
    await shell.until(/--dry-run\n/);
    await shell.type(last);
    await shell.until(shown);
  }
  await shell.key("enter");
  await shell.until(/web-1: container 100/);
  await shell.until(/shell> /);
  await shell.type("exit $?\r");
  assert.equal(await shell.status, 0, shell.text());
});

Deno.test("Ctrl-D ends a question that was continued without having been stopped", async () => {
  await using lab = await startLab();
  await using terminal = start(lab, ["create", "--template", "debian-13"]);
  await terminal.until(/\? Hostname/);
  await terminal.signal("SIGCONT");
  await terminal.type("web");
  await terminal.until(/\? Hostname web/);
  for (let i = 0; i < 3; i++) await terminal.key("backspace");
  await terminal.key("ctrl-d");
  assert.equal(await terminal.status, 130, terminal.text());
});

const questions = [
  { name: "the hostname", args: ["create", "--template", "debian-13"], shown: /\? Hostname/ },
  { name: "the template", args: ["create", "--hostname", "a"], shown: /\? Template[^]*❯/ },
  {
    name: "the size",
    args: ["create", "--hostname", "a", "--template", "debian-13"],
    shown: /\? Cores, memory/,
  },
  {
    name: "the plan",
    args: [
      "create",
      "--hostname",
      "a",
      "--template",
      "debian-13",
      "--cores",
      "1",
      "--memory",
      "512",
      "--storage",
      "4",
    ],
    shown: /Create it\?/,
  },
];

for (const { name, args, shown } of questions) {
  for (const end of ["Ctrl-C", "Ctrl-D", "SIGTERM", "SIGHUP"] as const) {
    Deno.test(`create ends at once on ${end} when it asks for ${name}, and leaves nothing`, async () => {
      await using lab = await startLab();
      await using terminal = start(lab, args, envOf("SSH alone", lab));
      await terminal.until(shown);
      if (end === "Ctrl-C") await terminal.key("ctrl-c");
      else if (end === "Ctrl-D") await terminal.key("ctrl-d");
      else await terminal.signal(end);
      assert.equal(await terminal.status, 130, terminal.text());
      assert.doesNotMatch(terminal.text(), /cleaning up/);
      assert.deepEqual(lab.containers(), []);
      assert.deepEqual(runTokens(lab.simulator), []);
    });
  }
}

Deno.test("a password is asked for without showing it", async () => {
  await using lab = await startLab();
  const password = passwordOf(lab.simulator, "root@pam");
  await using terminal = start(lab, ["list", "--debug"], byPassword(lab));
  await terminal.until(/password of root@pam/);
  await terminal.type(password);
  await terminal.key("enter");
  assert.equal(await terminal.status, 0, terminal.text());
  for (const part of [password, password.slice(0, 8), password.slice(-8)]) {
    assert.ok(!terminal.raw().includes(part));
  }
});

Deno.test("a password is not asked for on a terminal that would show it", async () => {
  await using lab = await startLab();
  await using terminal = start(lab, ["list"], { ...byPassword(lab), TERM: "dumb" });
  await terminal.until(/would show it/);
  assert.equal(await terminal.status, 2, terminal.text());
});

Deno.test("the whole of create works on a terminal that can only print lines", async () => {
  await using lab = await startLab();
  await using terminal = start(lab, ["create"], { TERM: "dumb" });
  await terminal.until(/Hostname: $/);
  await terminal.type("web-1\n");
  await terminal.until(/Template[\s\S]*\[1\]: $/);
  await terminal.type("99\n");
  await terminal.until(/a number from 1 to \d+[\s\S]*\[1\]: $/);
  await terminal.type("debian-13\n");
  await terminal.until(/\[2\/1024\/10\]: $/);
  await terminal.type("\n");
  await terminal.until(/Create it\? \[Y\/n\] $/);
  await terminal.type("y\n");
  assert.equal(await terminal.status, 0, terminal.text());
  assert.deepEqual(lab.containers(), ["100 web-1"]);
  assert.equal(terminal.raw(), terminal.raw().replaceAll("\x1b", "ESC"));
});

Deno.test("an unknown host key is asked about: a yes adds it to known_hosts, a no ends it", async () => {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir({ prefix: "pxrun-terminal-" });
  try {
    const file = `${directory}/known_hosts`;
    const env = {
      ...envOf("SSH alone", lab),
      PROXMOX_HOST: undefined,
      HOME: directory,
      PXRUN_KNOWN_HOSTS: file,
    };
    const answer = async (text: string): Promise<number> => {
      await using terminal = start(lab, ["list"], env);
      await terminal.until(/SSH does not know \[?127\.0\.0\.1[\s\S]*Is it the right one\?/);
      await terminal.type(text);
      await terminal.key("enter");
      return await terminal.status;
    };
    assert.equal(await answer("n"), 4);
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
    assert.deepEqual(lab.simulator.ssh.commands, []);
    assert.equal(await answer("y"), 0);
    const key = (await Deno.readTextFile(file)).split(" ").slice(1, 3).join(" ");
    assert.ok(lab.simulator.ssh.nodes["pve01"]?.hostKey.includes(key.trim()));
    await using again = start(lab, ["list"], env);
    assert.equal(await again.status, 0, again.text());
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("an unknown certificate is asked about, and a no sends nothing", async () => {
  await using lab = await startLab();
  const answer = async (text: string): Promise<number> => {
    await using terminal = start(lab, ["list"], { PROXMOX_FINGERPRINT: undefined });
    await terminal.until(/SHA-256[\s\S]*Is it the same\?/);
    await terminal.type(text);
    await terminal.key("enter");
    return await terminal.status;
  };
  assert.equal(await answer("n"), 4);
  assert.equal(lab.simulator.requests.length, 0);
  assert.equal(await answer("y"), 0);
});

Deno.test("list --watch shows itself again until Ctrl-C", async () => {
  await using lab = await startLab();
  await using terminal = start(lab, ["list", "--watch"]);
  await terminal.until(/no containers|VMID/i);
  await terminal.key("ctrl-c");
  assert.equal(await terminal.status, 0, terminal.text());
});
