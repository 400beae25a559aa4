import assert from "node:assert/strict";
import { dockerStep } from "../../../lib/provision/steps/docker.ts";
import { localeStep } from "../../../lib/provision/steps/locale.ts";
import { packagesStep } from "../../../lib/provision/steps/packages.ts";
import { tailscaleStep } from "../../../lib/provision/steps/tailscale.ts";
import { timezoneStep } from "../../../lib/provision/steps/timezone.ts";
import { userStep } from "../../../lib/provision/steps/users.ts";
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

/** Debian's BusyBox prefers its own `rpm` and `dpkg`, and no system with these has it as `sh`. */
const WITHOUT_ASH: readonly Shell[] = ["dash", "bash"];

function shellsOf(manager: Manager): readonly Shell[] {
  const rpm = ["zypper", "dnf", "microdnf", "yum"].includes(manager);
  return rpm ? WITHOUT_ASH : SHELLS;
}

/** A test in a root with apt whose `dpkg` is the stand-in. */
function eachDpkg(name: string, test: (root: TestRoot) => Promise<void>): void {
  for (const shell of WITHOUT_ASH) {
    Deno.test(`${name} [${shell}]`, async () => {
      await using root = await TestRoot.open(shell);
      await havePackageManager(root, "apt-get");
      await test(root);
    });
  }
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
  await root.write("/var/dpkg-fails", "");
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

const DPKG = "dpkg|--force-confdef|--force-confold|--configure|-a";
const UNPACKED = "Package: other\nStatus: install ok unpacked\nVersion: 1\nArchitecture: amd64\n" +
  "Maintainer: x\nDescription: x\n\n";

eachDpkg("packagesStep() first finishes what dpkg was interrupted at", async (root) => {
  const step = packagesStep(["curl"]);
  // What is only unpacked is taken in the end; what dpkg had not even written down is waited for.
  await root.write("/var/lib/dpkg/status", UNPACKED);
  await root.write("/var/lib/dpkg/updates/0001", "x");
  await root.write("/var/dpkg-locked", "");
  assert.equal((await apply(root, [step])).error, undefined);
  assert.deepEqual(await packageCalls(root), [DPKG, DPKG, APT, `${APT_INSTALL}|curl`]);
});

eachDpkg("packagesStep() lets apt-get unpack again what dpkg cannot finish", async (root) => {
  await root.write("/var/lib/dpkg/status", UNPACKED);
  await root.write("/var/dpkg-fails", "");
  assert.equal((await apply(root, [packagesStep(["curl"])])).error, undefined);
  const fixing = APT_INSTALL.replace(/install$/, "-f|install");
  assert.deepEqual(await packageCalls(root), [DPKG, fixing, APT, `${APT_INSTALL}|curl`]);
});

eachDpkg(
  "every step that may install finishes first what dpkg was interrupted at",
  async (root) => {
    await root.program("sudo", "exit 0");
    await root.program("dpkg", "echo called >>/var/log/dpkg; kill -TERM $PPID");
    const steps = [
      packagesStep(["curl"]),
      dockerStep({ source: "distro", users: [], compose: false }),
      tailscaleStep({
        advertise_routes: [],
        accept_routes: false,
        shields_up: false,
        ephemeral: false,
      }),
      userStep("users[0]", { username: "ann", groups: ["sudo"], ssh_keys: [] }),
      localeStep("de_DE.UTF-8"),
      timezoneStep("Europe/Nowhere"),
    ];
    for (const step of steps) {
      await root.write("/var/log/dpkg", "");
      await root.write("/var/lib/dpkg/updates/0001", "x");
      // What they do then is not for here.
      await run(
        root,
        `[ -e /dev/net/tun ] || { mkdir -p /dev/net && : >/dev/net/tun; }\n${step.act}`,
      );
      assert.equal(await root.read("/var/log/dpkg"), "called\n", step.id);
    }
  },
);

eachShell(
  "packagesStep() removes the lock of a pacman that was killed, and no other",
  async (root) => {
    await havePackageManager(root, "pacman");
    const lock = "/var/lib/pacman/db.lck";
    await root.write(lock, "");
    await root.write("/etc/pacman.d/gnupg/trustdb.gpg", "");
    assert.equal((await apply(root, [packagesStep(["curl"])])).error, undefined);
    const calls = [
      "pacman|-Sy|--noconfirm|--needed|archlinux-keyring",
      "pacman|-Su|--noconfirm|--needed|--overwrite=*|curl",
    ];
    assert.deepEqual(await packageCalls(root), calls);
    await run(root, `( exec 9>${lock}; sleep 1; rm ${lock} ) >/dev/null 2>&1 &`);
    assert.equal((await apply(root, [packagesStep(["git"])])).error, undefined);
    assert.deepEqual((await packageCalls(root)).slice(2), [
      calls[0],
      "pacman|-Su|--noconfirm|--needed|git",
    ]);
  },
);

eachShell("packagesStep() lets apk fix what it was interrupted at", async (root) => {
  await havePackageManager(root, "apk");
  await root.write("/usr/lib/apk/db/installed", "P:other\nf:fx\n\n");
  assert.equal((await apply(root, [packagesStep(["curl"])])).error, undefined);
  assert.deepEqual(await packageCalls(root), ["apk|--wait|300|fix", ...CALLS["apk"]("curl")]);
});

for (const shell of shellsOf("dnf")) {
  for (const manager of ["dnf", "zypper"] as const) {
    Deno.test(`packagesStep() has an unusable database of rpm built again [${manager}, ${shell}]`, async () => {
      await using root = await TestRoot.open(shell);
      await havePackageManager(root, manager);
      await root.write("/var/rpm-broken", "");
      assert.equal((await apply(root, [packagesStep(["curl"])])).error, undefined);
      assert.match(await root.read("/var/log/packages"), /^rpm\|--rebuilddb$/m);
      assert.deepEqual(await packageCalls(root), CALLS[manager]("curl"));
    });
  }

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
