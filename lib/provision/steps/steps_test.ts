import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import { fileStep } from "./files.ts";
import { networkStep } from "./network.ts";
import { packagesStep } from "./packages.ts";
import { scriptStep, type ScriptWish } from "./scripts.ts";
import { localeStep } from "./locale.ts";
import { sshKeysStep } from "./ssh_keys.ts";
import { timezoneStep } from "./timezone.ts";
import { userStep } from "./users.ts";

const INVALID = { code: "INVALID_RECIPE" };
const FILE = { path: "/etc/x", content: "x", mode: "0644", owner: "root" };
const SCRIPT: ScriptWish = {
  name: "setup",
  interpreter: "sh",
  content: "true",
  environment: {},
  timeout: 60,
  continue_on_error: false,
};

Deno.test("packagesStep() refuses what is no name of a package", () => {
  const wrong = [
    "",
    "-y",
    "--purge",
    "curl-",
    "a b",
    "a'b",
    'a"b',
    "$(x)",
    "a;b",
    "a\nb",
    "*",
    "ü",
  ];
  for (const name of [...wrong, "http://x/y.deb", "@group", "./x.deb", "a*"]) {
    assert.throws(() => packagesStep(["curl", name]), INVALID, name);
  }
});

Deno.test("packagesStep() takes the names of all distributions", () => {
  const names = [
    "g++",
    "libc6:amd64",
    "nginx=1.2-3~deb12u1",
    "vim/bookworm-backports",
    "nginx@edge",
  ];
  const more = ["python3.12", "perl(JSON::PP)", "nginx=1.2*", "busybox~1.36", "foo>=1", "7zip"];
  const { check, act } = packagesStep([...names, ...more]);
  assert.match(check ?? "", /^set -- g\+\+ libc6:amd64 'nginx=1\.2-3~deb12u1' /);
  assert.match(act, /'perl\(JSON::PP\)'/);
});

Deno.test("packagesStep() has a title of bearable length", () => {
  assert.equal(packagesStep(["a1", "a1"]).title, "packages a1");
  const { title } = packagesStep(Array.from({ length: 12 }, (_, index) => `p${index}`));
  assert.equal(title, "packages p0, p1, p2, p3, p4 and 7 more");
});

Deno.test("sshKeysStep() refuses what is no line with a public key", () => {
  const blob = "AAAAC3NzaC1lZDI1NTE5AAAA";
  const wrong = ["", "ssh-ed25519", "ssh-ed25519 nonsense", blob, "~/.ssh/id_ed25519.pub"];
  const more = [`ssh-ed25519 ${blob}\nssh-rsa ${blob}`, `ssh-ed25519 ${blob} \x1b[31m`];
  for (const key of [...wrong, ...more, "-----BEGIN OPENSSH PRIVATE KEY-----"]) {
    assert.throws(() => sshKeysStep([key]), INVALID, key);
  }
});

Deno.test("sshKeysStep() does not show a refused secret", () => {
  assert.throws(() => sshKeysStep(["ssh-rsa AAAAB3 x", new Secret("hunter22")]), {
    message: "provisioning.ssh_keys[1] is not one line with a public key",
  });
});

Deno.test("sshKeysStep() takes options, comments and surrounding space", () => {
  const step = sshKeysStep([
    ' from="10.0.0.0/8",no-pty ssh-rsa AAAAB3Nz+/== me \n',
    new Secret("sk-ssh-ed25519@openssh.com\tAAAAGnNr it's me"),
  ]);
  assert.equal(step.title, "2 ssh keys of root");
  assert.match(step.act, /^want 'ssh-rsa AAAAB3Nz\+\/==' 'from=".*",no-pty ssh-rsa .* me'$/m);
  assert.equal(step.secrets.length, 1);
});

Deno.test("fileStep() refuses paths, modes and owners that no file can have", async () => {
  for (const path of ["", "etc/x", "/", "/etc/", "~/x", "/a\0b"]) {
    await assert.rejects(fileStep("files[0]", { ...FILE, path }), INVALID, path);
  }
  for (const mode of ["", "644x", "888", "0x1", "64", "rw"]) {
    await assert.rejects(fileStep("files[0]", { ...FILE, mode }), INVALID, mode);
  }
  for (const owner of ["", ":x", "a:", "a b", "a:b:c", "-x", "$(x)"]) {
    await assert.rejects(fileStep("files[0]", { ...FILE, owner }), INVALID, owner);
  }
});

Deno.test("fileStep() compares a hash and carries the content only to act", async () => {
  const { check, act, secrets } = await fileStep("files[0]", {
    ...FILE,
    content: new Secret("abc"),
  });
  assert.match(
    check ?? "",
    /ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad {2}-/,
  );
  assert.ok(!check?.includes("YWJj"));
  assert.match(act, /printf '%s\\n' 'YWJj' \| base64 -d/);
  assert.deepEqual(secrets.map((secret) => secret.reveal()), ["abc"]);
});

Deno.test("scriptStep() refuses names that nothing can have", () => {
  const wrong: Partial<ScriptWish>[] = [
    { interpreter: "" },
    { interpreter: "sh; rm" },
    { interpreter: "-x" },
    { run_as: "-x" },
    { run_as: "a b" },
    { run_as: "1000" },
    { working_dir: "app" },
    { working_dir: "/a\0" },
    { environment: { "A-B": "x" } },
    { environment: { "": "x" } },
    { environment: { UID: "x" } },
    { environment: { A: "a\0b" } },
  ];
  for (const wish of wrong) {
    assert.throws(
      () => scriptStep("scripts[0]", { ...SCRIPT, ...wish }),
      INVALID,
      JSON.stringify(wish),
    );
  }
});

Deno.test("scriptStep() redacts its secret values", () => {
  const environment = { A: new Secret("one1"), B: "two2", C: new Secret("three3") };
  const { secrets } = scriptStep("scripts[0]", { ...SCRIPT, environment });
  assert.deepEqual(secrets.map((secret) => secret.reveal()), ["one1", "three3"]);
});

Deno.test("networkStep() prepares others and has nothing to check itself", () => {
  const step = networkStep(["packages"], true);
  assert.deepEqual([step.prepares, step.check], [["packages"], undefined]);
});

Deno.test("localeStep() and timezoneStep() refuse what no name can be", () => {
  for (const name of ["", "de DE", "de_DE.UTF-8;x", "$(x)", "de_DE@Euro!", "../x"]) {
    assert.throws(() => localeStep(name), INVALID, name);
  }
  for (const name of ["", "../etc", "Europe/Ber lin", "a/b/c/d", "$(x)", "/UTC", "UTC\n"]) {
    assert.throws(() => timezoneStep(name), INVALID, name);
  }
});

Deno.test("userStep() refuses names and paths that no account can have", () => {
  const user = { username: "dev", groups: [], ssh_keys: [] };
  const wrong = [
    { username: "-x" },
    { username: "a b" },
    { username: "$(x)" },
    { username: "a:b" },
    { groups: ["x;y"] },
    { groups: ["ü"] },
    { shell: "bash" },
    { shell: "/bin/a:b" },
    { home: "/" },
    { home: "/a\nb" },
    { username: "ALL", groups: ["sudo"] },
    { ssh_keys: ["no key"] },
  ];
  for (const wish of wrong) {
    assert.throws(() => userStep("users[2]", { ...user, ...wish }), INVALID, JSON.stringify(wish));
  }
});

Deno.test("userStep() keeps a key that came from the environment secret", () => {
  const key = new Secret("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me");
  const { secrets } = userStep("users[0]", { username: "dev", groups: [], ssh_keys: [key] });
  assert.deepEqual(secrets, [key]);
});
