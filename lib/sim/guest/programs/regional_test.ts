import assert from "node:assert/strict";
import { testGuest } from "../testing.ts";

Deno.test("locales are there once they were generated", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `locale -a; sed -i 's/# de_DE/de_DE/' /etc/locale.gen; locale-gen >/dev/null; locale -a | grep de_; localedef -i fr_FR -f UTF-8 fr_FR.UTF-8; localedef; locale-gen en_GB.UTF-8; locale -a | wc -l
update-locale LANG=de_DE.UTF-8 LC_TIME=C; cat /etc/default/locale; LANG=C.UTF-8 locale | head -n 3; LC_ALL=C locale | tail -n 1; localectl list-locales | wc -l`,
  );
  assert.equal(
    ran.out,
    "C\nC.utf8\nPOSIX\nde_DE.utf8\nGenerating locales (this might take a while)...\n  de_DE.UTF-8... done\n  en_GB.UTF-8... done\nGeneration complete.\n6\n" +
      'LANG=de_DE.UTF-8\nLC_TIME=C\nLANG=C.UTF-8\nLANGUAGE=\nLC_CTYPE="C.UTF-8"\nLC_ALL=C\n6\n',
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
