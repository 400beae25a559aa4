import assert from "node:assert/strict";
import { sshKeysStep } from "../../../lib/provision/steps/ssh_keys.ts";
import { apply, eachShell } from "./in_root.ts";

const ED = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOneOneOneOneOneOneOneOneOneOneOneOneOneOneOne";
const RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC+two/two=";
const SK = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tthree==";
const FILE = "/root/.ssh/authorized_keys";

eachShell("sshKeysStep() makes the file as sshd wants it, once", async (root) => {
  const step = sshKeysStep([`${ED} me@host`, RSA, `${ED} the same again`]);
  assert.deepEqual((await apply(root, [step])).changed, ["ssh_keys"]);
  // Of two lines with one key the later one stands in the recipe's order of the first.
  assert.equal(await root.read(FILE), `${ED} the same again\n${RSA}\n`);
  const directory = await Deno.stat(`${root.directory}/root/.ssh`);
  const file = await Deno.stat(root.directory + FILE);
  assert.deepEqual([(directory.mode ?? 0) & 0o7777, (file.mode ?? 0) & 0o7777], [0o700, 0o600]);
  assert.deepEqual((await apply(root, [step])).changed, []);
  assert.equal(await root.read(FILE), `${ED} the same again\n${RSA}\n`);
});

eachShell("sshKeysStep() adds what is missing and keeps the rest", async (root) => {
  await Deno.mkdir(`${root.directory}/root/.ssh`, { mode: 0o755 });
  const before = `# ${RSA} is no key here\n\nfrom="10.0.0.0/8,*" ${ED} old\n* ? [a]\\ ${
    "x".repeat(90)
  }`;
  await root.write(FILE, before);
  const step = sshKeysStep([
    `${ED} new`,
    `command="echo 'hi'; \\"x\\"" ${RSA} it's $(me) \`x\``,
    SK,
  ]);
  assert.deepEqual((await apply(root, [step])).changed, ["ssh_keys"]);
  const after = `${before}\ncommand="echo 'hi'; \\"x\\"" ${RSA} it's $(me) \`x\`\n${SK}\n`;
  assert.equal(await root.read(FILE), after);
  assert.deepEqual((await apply(root, [step])).changed, []);
  assert.equal(await root.read(FILE), after);
});

eachShell(
  "sshKeysStep() finds a key at the end of a file without a last line end",
  async (root) => {
    await Deno.mkdir(`${root.directory}/root/.ssh`, { mode: 0o700 });
    await root.write(FILE, `\t${RSA.replace(" ", "\t")}`, 0o600);
    assert.deepEqual((await apply(root, [sshKeysStep([RSA])])).changed, []);
  },
);

eachShell("sshKeysStep() repairs modes alone, also behind a link", async (root) => {
  await Deno.mkdir(`${root.directory}/root/.ssh`, { mode: 0o700 });
  await root.write("/root/keys", `${RSA}\n`, 0o666);
  await Deno.chmod(`${root.directory}/root/keys`, 0o666);
  await Deno.symlink("../keys", root.directory + FILE);
  assert.deepEqual((await apply(root, [sshKeysStep([RSA])])).changed, ["ssh_keys"]);
  assert.deepEqual((await apply(root, [sshKeysStep([RSA])])).changed, []);
  assert.equal(await root.read("/root/keys"), `${RSA}\n`);
});

eachShell("sshKeysStep() does not take a longer key for a shorter one", async (root) => {
  await apply(root, [sshKeysStep([`${ED}AAAA`])]);
  assert.deepEqual((await apply(root, [sshKeysStep([ED])])).changed, ["ssh_keys"]);
  assert.equal(await root.read(FILE), `${ED}AAAA\n${ED}\n`);
});

eachShell("sshKeysStep() says when the file cannot be written", async (root) => {
  await Deno.mkdir(`${root.directory}${FILE}`, { recursive: true });
  const { error } = await apply(root, [sshKeysStep([RSA])]);
  assert.match(String(error), /ssh key of root: failed in container 105/);
});
