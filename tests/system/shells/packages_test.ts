import assert from "node:assert/strict";
import { packagesStep } from "../../../lib/lifecycle/provision/steps/packages.ts";
import { type Shell, SHELLS, TestRoot } from "../../support/chroot.ts";
import { apply, eachShell, run } from "./in_root.ts";
import { havePackageManager, type Manager, packageCalls } from "./package_managers.ts";

const APT = "apt-get|-q|-o|Acquire::Retries=3|update";
const APT_INSTALL = "apt-get|-q|-y|-o|Acquire::Retries=3|-o|DPkg::Lock::Timeout=300|" +
  "-o|Dpkg::Options::=--force-confdef|-o|Dpkg::Options::=--force-confold|install";

const CALLS: Record<Manager, (names: string) => string[]> = {
  "apt-get": (names) => [APT, `${APT_INSTALL}|${names}`],
  apk: (names) => [`apk|--wait|300|add|--update-cache|${names}`],
  pacman: (names) => [
    "pacman-key|--init",
    "pacman-key|--populate",
    "pacman|-Sy|--noconfirm|--needed|archlinux-keyring",
    `pacman|-Su|--noconfirm|--needed|${names}`,
  ],
  zypper: (names) => [`zypper|--non-interactive|install|--auto-agree-with-licenses|${names}`],
  dnf: (names) => [`dnf|install|-y|${names}`],
  microdnf: (names) => [`microdnf|install|-y|${names}`],
  yum: (names) => [`yum|install|-y|${names}`],
};

/** Debian's BusyBox prefers its own `rpm`, and no system with rpm has it as `sh`. */
function shellsOf(manager: Manager): readonly Shell[] {
  const rpm = ["zypper", "dnf", "microdnf", "yum"].includes(manager);
  return rpm ? ["dash", "bash"] : SHELLS;
}

for (const manager of Object.keys(CALLS) as Manager[]) {
  for (const shell of shellsOf(manager)) {
    Deno.test(`packagesStep() installs once with ${manager} [${shell}]`, async () => {
      await using root = await TestRoot.open(shell);
      await havePackageManager(root, manager);
      const step = packagesStep(["curl", "g++", "curl"]);
      const first = await apply(root, [step]);
      assert.equal(first.error, undefined);
      assert.deepEqual(first.changed, ["packages"]);
      assert.deepEqual(await packageCalls(root), CALLS[manager]("curl|g++"));
      const again = await apply(root, [step]);
      assert.deepEqual([again.changed, again.error], [[], undefined]);
      assert.deepEqual(await packageCalls(root), CALLS[manager]("curl|g++"));
    });

    Deno.test(`packagesStep() fails where ${manager} does [${shell}]`, async () => {
      await using root = await TestRoot.open(shell);
      await havePackageManager(root, manager);
      const { error } = await apply(root, [packagesStep(["nosuch-thing"])]);
      assert.match(String(error), /packages nosuch-thing: failed .*\n +cannot find nosuch-thing/s);
    });
  }
}

eachShell("packagesStep() understands apt's versions, architectures and releases", async (root) => {
  await havePackageManager(root, "apt-get");
  const step = packagesStep(["nginx=1.2.*", "git:amd64", "vim/bookworm-backports", "jq=3-1"]);
  assert.deepEqual((await apply(root, [step])).changed, ["packages"]);
  const same = packagesStep(["nginx=1.2.5", "nginx=1.*", "git:amd64", "vim", "jq=3-1"]);
  assert.deepEqual((await apply(root, [same])).changed, []);
  for (const other of ["nginx=1.3*", "nginx=1.2", "git:i386", "vi", "j", "q"]) {
    assert.equal((await run(root, packagesStep([other]).check ?? "")).code, 1, other);
  }
});

eachShell("packagesStep() takes what an apt package provides", async (root) => {
  await havePackageManager(root, "apt-get");
  await apply(root, [packagesStep(["mawk"])]);
  assert.deepEqual((await apply(root, [packagesStep(["awk", "awk-like", "mawk"])])).changed, []);
  assert.equal((await run(root, packagesStep(["aw"]).check ?? "")).code, 1);
});

eachShell("packagesStep() installs only what is missing", async (root) => {
  await havePackageManager(root, "apt-get");
  await apply(root, [packagesStep(["mawk"])]);
  await root.write("/var/log/packages", "");
  assert.deepEqual((await apply(root, [packagesStep(["awk", "jq", "mawk"])])).changed, [
    "packages",
  ]);
  assert.deepEqual(await packageCalls(root), [APT, `${APT_INSTALL}|jq`]);
});

eachShell("packagesStep() counts no half-installed apt package", async (root) => {
  await havePackageManager(root, "apt-get");
  const broken = "Package: curl\nStatus: install ok unpacked\nVersion: 1\nArchitecture: amd64\n" +
    "Maintainer: x\nDescription: x\n\n";
  await root.write("/var/lib/dpkg/status", broken);
  await root.program("apt-get", "exit 0");
  const { error } = await apply(root, [packagesStep(["curl"])]);
  assert.match(String(error), /curl is not installed\n.*the check of this step still fails/s);
});

eachShell("packagesStep() waits for the lists' lock and survives a failed update", async (root) => {
  await havePackageManager(root, "apt-get");
  await root.write("/var/locked", "");
  const waited = await apply(root, [packagesStep(["curl"])]);
  assert.deepEqual(waited.changed, ["packages"]);
  const calls = [APT, APT, `${APT_INSTALL}|curl`];
  assert.deepEqual(await packageCalls(root), calls);
  await root.write("/var/offline", "");
  const offline = await apply(root, [packagesStep(["git"])]);
  assert.deepEqual(offline.changed, ["packages"]);
  assert.ok(offline.output.includes("E: offline"));
  assert.deepEqual(await packageCalls(root), [...calls, APT, `${APT_INSTALL}|git`]);
});

for (const shell of shellsOf("dnf")) {
  Deno.test(`packagesStep() knows rpm's versions and what packages provide [${shell}]`, async () => {
    await using root = await TestRoot.open(shell);
    await havePackageManager(root, "dnf");
    assert.deepEqual((await apply(root, [packagesStep(["nginx=1.2"])])).changed, ["packages"]);
    assert.deepEqual(await packageCalls(root), ["dnf|install|-y|nginx-1.2"]);
    assert.deepEqual((await apply(root, [packagesStep(["nginx=1.2"])])).changed, []);
    await root.write("/var/lib/packages", "perl(JSON)\n");
    assert.deepEqual((await apply(root, [packagesStep(["virtual-perl(JSON)"])])).changed, []);
  });
}

eachShell("packagesStep() says which package managers it looked for", async (root) => {
  const { error } = await apply(root, [packagesStep(["curl"])]);
  assert.match(String(error), /none of the known package managers \(apt-get, apk, pacman, zypper,/);
});
