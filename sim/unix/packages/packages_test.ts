import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";

Deno.test("apt-get installs what its index knows, once names resolve", async () => {
  using test = await testGuest();
  test.online = false;
  const offline = await test.run("apt-get update; echo $?; apt-get install -y curl");
  assert.deepEqual([offline.code, offline.out.includes("0\n")], [100, true]);
  assert.match(offline.err, /^W: Failed to fetch [^]*E: Unable to locate package curl\n$/);
  test.online = true;
  const ran = await test.run(
    `apt-get -q update >/dev/null; apt-get install -y -q -o Dpkg::Use-Pty=0 nginx curl
curl --version; command -v nginx; systemctl is-active nginx; apt-cache show vim
dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' curl nosuch; echo $?
apt-get -qq install curl; apt-get upgrade; apt-cache show nosuch; apt-get install nosuch; echo $?`,
  );
  assert.match(
    ran.out,
    /Setting up nginx \(1.2.3-4\) ...\nSetting up curl \(1.2.3-4\) ...\ncurl 1.2.3\n\/usr\/bin\/nginx\nactive\nPackage: vim\nVersion: 1.2.3-4\ncurl 1.2.3-4 installed\n1\n0 upgraded.*\n.*\n.*\n100\n$/,
  );
  assert.match(
    ran.err,
    /no packages found matching nosuch\n.*No packages found\nE: Unable to locate package nosuch/,
  );
  assert.equal((await test.run("apt-get frob")).code, 127);
});

Deno.test("dpkg-query says of every package that nothing was cut off", async () => {
  using test = await testGuest();
  const { code, out } = await test.run(
    "dpkg-query -W -f='${db:Status-Status} ${db:Status-Eflag}\\n' | sort -u",
  );
  assert.deepEqual([code, out], [0, "installed ok\n"]);
});

Deno.test("apk adds what its index knows, once names resolve", async () => {
  using test = await testGuest(ALPINE);
  test.online = false;
  const offline = await test.run("apk --wait 300 add --update-cache curl; echo $?");
  assert.match(offline.out, /\n1\n$/);
  assert.match(offline.err, /DNS: transient error[^]*ERROR: curl \(no such package\)/);
  test.online = true;
  const ran = await test.run(
    "apk info -e curl; echo $?; apk add --update-cache curl tzdata; apk info -e curl tzdata; command -v curl; ls -d /usr/share/zoneinfo",
  );
  assert.match(
    ran.out,
    /^1\nfetch https:[^]*\(1\/2\) Installing curl \(1.2.3-r4\)\n[^]*\ncurl\ntzdata\n\/usr\/bin\/curl\n\/usr\/share\/zoneinfo\n$/,
  );
  assert.equal((await test.run("apk del curl")).code, 127);
});
