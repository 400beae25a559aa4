import assert from "node:assert/strict";
import { localeStep } from "../../../lib/provision/steps/locale.ts";
import { timezoneStep } from "../../../lib/provision/steps/timezone.ts";
import { TestRoot } from "../../support/chroot.ts";
import { apply, eachShell } from "./in_root.ts";
import { havePackageManager, packageCalls } from "./package_managers.ts";

const localtime = (root: TestRoot): Promise<string> =>
  Deno.readLink(`${root.directory}/etc/localtime`);

eachShell("timezoneStep() sets link and file, once", async (root) => {
  await root.write("/etc/timezone", "Etc/UTC\n");
  const step = timezoneStep("Europe/Berlin");
  assert.deepEqual((await apply(root, [step])).changed, ["timezone"]);
  assert.equal(await localtime(root), "/usr/share/zoneinfo/Europe/Berlin");
  assert.equal(await root.read("/etc/timezone"), "Europe/Berlin\n");
  assert.deepEqual((await apply(root, [step])).changed, []);
  assert.deepEqual((await apply(root, [timezoneStep("UTC")])).changed, ["timezone"]);
  assert.equal(await localtime(root), "/usr/share/zoneinfo/UTC");
});

eachShell("timezoneStep() knows relative links and makes no /etc/timezone", async (root) => {
  await Deno.symlink("../usr/share/zoneinfo/Etc/GMT+3", `${root.directory}/etc/localtime`);
  assert.deepEqual((await apply(root, [timezoneStep("Etc/GMT+3")])).changed, []);
  await apply(root, [timezoneStep("America/Port-au-Prince")]);
  await assert.rejects(root.read("/etc/timezone"), Deno.errors.NotFound);
});

eachShell("timezoneStep() says that there is no such zone", async (root) => {
  const { error } = await apply(root, [timezoneStep("Mars/Base")]);
  assert.match(String(error), /no time zone Mars\/Base/);
  await assert.rejects(localtime(root), Deno.errors.NotFound);
});

eachShell("timezoneStep() installs the zones where there are none", async (root) => {
  await root.write("/etc/hosts", "192.0.2.7 deb.debian.org\n");
  await havePackageManager(root, "apk");
  await Deno.remove(`${root.directory}/usr/share`);
  const { error } = await apply(root, [timezoneStep("Europe/Berlin")]);
  assert.deepEqual(await packageCalls(root), ["apk|--wait|300|add|--update-cache|tzdata"]);
  assert.match(String(error), /no time zone Europe\/Berlin/);
});

/** Programs of glibc and Debian, which make locales in the root itself. */
async function haveLocales(root: TestRoot): Promise<void> {
  for (const name of ["locale", "localedef"]) {
    await Deno.symlink(`/host/usr/bin/${name}`, `${root.directory}/usr/bin/${name}`);
  }
  await Deno.symlink("/host/usr/sbin/locale-gen", `${root.directory}/usr/bin/locale-gen`);
  await Deno.mkdir(`${root.directory}/usr/lib/locale`, { recursive: true });
  await root.write("/etc/debian_version", "12.1\n");
  await root.write("/etc/locale.gen", "# de_DE.UTF-8 UTF-8\n# de_DE ISO-8859-1\n");
}

eachShell("localeStep() makes a locale as Debian does, once", async (root) => {
  await haveLocales(root);
  await Deno.mkdir(`${root.directory}/etc/default`);
  await root.write("/etc/locale.conf", 'LANG="C.UTF-8"\nLC_ALL=C\nLC_TIME=C\n');
  await Deno.symlink("../locale.conf", `${root.directory}/etc/default/locale`);
  const step = localeStep("de_DE.UTF-8");
  const first = await apply(root, [step]);
  assert.deepEqual([first.changed, first.error], [["locale"], undefined]);
  const list = "# de_DE.UTF-8 UTF-8\n# de_DE ISO-8859-1\nde_DE.UTF-8 UTF-8\n";
  assert.equal(await root.read("/etc/locale.gen"), list);
  assert.equal(await root.read("/etc/locale.conf"), "LC_TIME=C\nLANG=de_DE.UTF-8\n");
  const again = await apply(root, [step]);
  assert.deepEqual([again.changed, again.error], [[], undefined]);
});

eachShell("localeStep() says that there is no such locale, and changes nothing", async (root) => {
  await haveLocales(root);
  const before = await root.read("/etc/locale.gen");
  const { error } = await apply(root, [localeStep("de_US.UTF-8")]);
  assert.match(String(error), /no locale de_US\.UTF-8 is known in this container/);
  assert.equal(await root.read("/etc/locale.gen"), before);
});

eachShell("localeStep() sets what needs no making", async (root) => {
  await haveLocales(root);
  assert.deepEqual((await apply(root, [localeStep("C")])).changed, ["locale"]);
  assert.equal(await root.read("/etc/default/locale"), "LANG=C\n");
  assert.deepEqual((await apply(root, [localeStep("C")])).changed, []);
});

eachShell("localeStep() sets LANG alone where the C library is musl, and says so", async (root) => {
  const step = localeStep("de_DE.UTF-8");
  const first = await apply(root, [step]);
  assert.deepEqual([first.changed, first.error], [["locale"], undefined]);
  assert.match(first.output.join("\n"), /musl, has no locales to make/);
  const file = "/etc/profile.d/10-pxrun-locale.sh";
  assert.equal(await root.read(file), "export LANG=de_DE.UTF-8\n");
  assert.deepEqual((await apply(root, [step])).changed, []);
}, { musl: true });

const RPM_LIKE = [["dnf", "glibc-langpack-de"], ["zypper", "glibc-locale"]] as const;

// BusyBox prefers its own rpm, and no system with rpm has it as `sh`.
for (const shell of ["dash", "bash"] as const) {
  for (const [manager, name] of RPM_LIKE) {
    Deno.test(`localeStep() installs ${name} with ${manager} [${shell}]`, async () => {
      await using root = await TestRoot.open(shell);
      await root.write("/etc/hosts", "192.0.2.7 deb.debian.org\n");
      await havePackageManager(root, manager);
      await root.program("locale", `grep -q ${name} /var/lib/packages && echo de_DE.utf8; echo C`);
      const step = localeStep("de_DE.UTF-8");
      const first = await apply(root, [step]);
      assert.deepEqual([first.changed, first.error], [["locale"], undefined]);
      assert.equal(await root.read("/etc/locale.conf"), "LANG=de_DE.UTF-8\n");
      assert.match((await packageCalls(root)).join(" "), new RegExp(`install.*\\|${name}$`));
      assert.deepEqual((await apply(root, [step])).changed, []);
    });
  }
}
