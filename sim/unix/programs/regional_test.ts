import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";

Deno.test("locales are there once they were generated", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `locale -a; sed -i 's/# de_DE.U/de_DE.U/' /etc/locale.gen; locale-gen >/dev/null; locale -a | grep de_; localedef -i fr_FR -f UTF-8 fr_FR.UTF-8; localedef; locale-gen en_GB.UTF-8 >/dev/null; locale -a | wc -l
update-locale LANG=de_DE.UTF-8 LC_TIME=C; cat /etc/default/locale; LANG=C.UTF-8 locale | head -n 3; LC_ALL=C locale | tail -n 1; localectl list-locales | wc -l`,
  );
  assert.equal(
    ran.out,
    "C\nC.utf8\nPOSIX\nde_DE.utf8\n5\n" +
      'LANG=de_DE.UTF-8\nLC_TIME=C\nLANG=C.UTF-8\nLANGUAGE=\nLC_CTYPE="C.UTF-8"\nLC_ALL=C\n5\n',
  );
  using fedora = await testGuest("fedora-43-default");
  assert.equal(
    (await fedora.run("localectl set-locale de_DE.UTF-8; cat /etc/locale.conf")).out,
    "LANG=de_DE.UTF-8\n",
  );
});

Deno.test("timedatectl sets time zones that there are", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `timedatectl show -p Timezone --value; timedatectl set-timezone Europe/Berlin; readlink /etc/localtime; timedatectl show; timedatectl | grep -o Berlin
timedatectl set-timezone Mars/Base; ls /usr/share/zoneinfo/Europe | grep -c Berlin`,
  );
  assert.equal(
    ran.out,
    "Etc/UTC\n/usr/share/zoneinfo/Europe/Berlin\nTimezone=Europe/Berlin\nBerlin\n1\n",
  );
  assert.equal(
    ran.err,
    "Failed to set time zone: Invalid or not installed time zone 'Mars/Base'\n",
  );
});

Deno.test("locales and zones come as each family has them", async () => {
  const script = `command -v locale-gen; command -v locale; locale -a | wc -l
ls -d /usr/share/zoneinfo /lib/ld-musl-* 2>/dev/null`;
  using debian = await testGuest();
  assert.equal(
    (await debian.run(`${script}; echo xx_YY.UTF-8 UTF-8 >/etc/locale.gen; locale-gen 2>&1`)).out,
    "/usr/bin/locale-gen\n/usr/bin/locale\n3\n/usr/share/zoneinfo\n" +
      "Generating locales (this might take a while)...\n  xx_YY.UTF-8...[error] cannot open " +
      "locale definition file `xx_YY': No such file or directory\n",
  );
  using ubuntu = await testGuest("ubuntu-24.04-standard");
  const generated = await ubuntu.run("locale-gen fr_FR.UTF-8 >/dev/null; locale -a | tail -n 1");
  assert.equal(generated.out, "fr_FR.utf8\n");
  using fedora = await testGuest("fedora-43-default");
  const installed = `dnf install -y glibc-langpack-de >/dev/null; locale -a | grep de_`;
  assert.equal(
    (await fedora.run(`${script}; ${installed}`)).out,
    "/usr/bin/locale\n3\n/usr/share/zoneinfo\nde_AT.utf8\nde_CH.utf8\nde_DE.utf8\n",
  );
  using alpine = await testGuest(ALPINE);
  assert.equal(
    (await alpine.run(
      `${script}; apk add --update-cache tzdata >/dev/null; ls -d /usr/share/zoneinfo`,
    )).out,
    "0\n/lib/ld-musl-x86_64.so.1\n/usr/share/zoneinfo\n",
  );
});
