import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";

Deno.test("apt-get installs what its index knows, once names resolve", async () => {
  using test = await testGuest();
  test.online = false;
  const offline = await test.run("apt-get update; echo $?; apt-get install -y curl");
  assert.equal(offline.code, 100);
  assert.match(
    offline.out,
    /Err:1 http:\/\/deb.debian.org\/debian bookworm InRelease\n {2}Temporary failure resolving 'deb.debian.org'[^]*\n0\n/,
  );
  assert.match(offline.err, /^W: Failed to fetch [^]*E: Unable to locate package curl\n$/);
  test.online = true;
  const ran = await test.run(
    `apt-get -q update | tail -n 1; ls /var/lib/apt/lists; command -v curl; DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 curl nginx
curl --version; curl http://x; systemctl is-active nginx; dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' curl; dpkg -s curl | head -n 2; grep -A3 '^Package: curl' /var/lib/dpkg/status | head -n 2; apt-get -qq install curl; apt-cache policy curl; apt-cache show vim`,
  );
  assert.equal(ran.err, "");
  assert.match(
    ran.out,
    /^Reading package lists...\ndeb.debian.org_debian_dists_bookworm_InRelease\nReading [^]*\nSelecting previously unselected package curl.\nSetting up curl \(1.2.3-4\) ...\n/,
  );
  assert.match(
    ran.out,
    /curl 1.2.3\nactive\ncurl 1.2.3-4 installed\nPackage: curl\nStatus: install ok installed\nPackage: curl\nStatus: install ok installed\ncurl:\n {2}Installed: 1.2.3-4\n {2}Candidate: 1.2.3-4\nPackage: vim\n/,
  );
});

Deno.test("dpkg-query says of every package that nothing was cut off", async () => {
  using test = await testGuest();
  const { code, out } = await test.run(
    "dpkg-query -W -f='${db:Status-Status} ${db:Status-Eflag}\\n' | sort -u",
  );
  assert.deepEqual([code, out], [0, "installed ok\n"]);
});

Deno.test("apt-get and dpkg refuse in their own words", async () => {
  using test = await testGuest("ubuntu-24.04-standard");
  const ran = await test.run(
    `apt-get -qq update; apt-get install -y nosuchpackage; echo $?; apt-get remove -y nosuch; apt-get frob; echo $?
dpkg -s nosuch; echo $?; dpkg-query -W nosuch; echo $?; dpkg -l nosuch; apt-cache show nosuch; dpkg --print-architecture; apt-get install -s curl | tail -n 1; command -v curl`,
  );
  assert.match(
    ran.err,
    /^E: Unable to locate package nosuchpackage\nE: Unable to locate package nosuch\nE: Invalid operation frob\ndpkg-query: package 'nosuch' is not installed/,
  );
  assert.match(ran.err, /dpkg-query: no packages found matching nosuch\n/);
  assert.match(
    ran.out,
    /\n100\n[^]*\n100\n1\n1\namd64\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n$/,
  );
  test.online = false;
  const offline = await test.run("apt-get install -qqy git; echo $?");
  assert.equal(offline.out, "100\n");
  assert.match(
    offline.err,
    /^E: Failed to fetch http:\/\/archive.ubuntu.com\/ubuntu\/pool\/main\/git.deb {2}Temporary failure resolving/,
  );
});

Deno.test("apt-get removes and has nothing to upgrade", async () => {
  using test = await testGuest();
  const ran = await test.run(
    "apt-get -qq update; apt-get -qqy install nginx; apt-get purge -y nginx | tail -n 1; apt-get remove -y nginx | tail -n 1; command -v nginx; systemctl is-active nginx; apt-get upgrade | tail -n 1; apt-get clean; apt-mark hold x; echo a | debconf-set-selections",
  );
  assert.equal(
    ran.out,
    "Removing nginx ...\nPackage 'nginx' is not installed, so not removed\ninactive\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n",
  );
});

Deno.test("apk adds and deletes", async () => {
  using test = await testGuest(ALPINE);
  test.online = false;
  const offline = await test.run(
    "apk update; echo $?; apk add curl; echo $?; apk add --no-cache curl; echo $?",
  );
  assert.match(offline.out, /1\n1\n.*1\n$/s);
  assert.match(
    offline.err,
    /WARNING: fetching https:\/\/dl-cdn.alpinelinux.org\/alpine\/v3.22\/main: DNS: transient error[^]*WARNING: opening from cache[^]*ERROR: unable to select packages:\n {2}curl \(no such package\):\n {4}required by: world\[curl\]\n/,
  );
  test.online = true;
  const ran = await test.run(
    `apk add --no-cache -q bash curl; bash -c 'echo $BASH_VERSION' | cut -c 1; apk info -e curl nosuch; echo $?; apk info | grep -c curl; grep -A1 P:curl /lib/apk/db/installed
apk add curl | tail -n 1; apk add -U nosuch; echo $?; apk del curl; command -v curl; apk upgrade; apk info curl; apk frob`,
  );
  assert.match(
    ran.out,
    /^5\ncurl\n1\n1\nP:curl\nV:1.2.3-r4\nOK: 10 MiB in 7 packages\nfetch [^]*1\nPurging curl\nOK: 10 MiB in 6 packages\nOK: /,
  );
  assert.match(ran.err, /nosuch \(no such package\)[^]*'frob' is not an apk command/);
  test.online = false;
  assert.match((await test.run("apk update; apk add git")).err, /ERROR: git: DNS: transient error/);
});

Deno.test("dnf installs and rpm asks", async () => {
  using test = await testGuest("rockylinux-9-default");
  test.online = false;
  const offline = await test.run("dnf -y install git; echo $?");
  assert.equal(offline.out, "1\n");
  assert.match(
    offline.err,
    /Failed to download metadata for repo 'rocky'.*Could not resolve host: mirrors.rockylinux.org/,
  );
  test.online = true;
  const ran = await test.run(
    `dnf install git; echo $?; dnf -y install git; dnf -y install git nosuch; echo $?; dnf -q -y install git; rpm -q git nosuch; echo $?; rpm -q --qf '%{NAME} %{ARCH}\\n' git; rpm -q --whatprovides git nosuch | tail -n 1
rpm -qa | grep -c git; dnf list installed | grep -c git; dnf makecache; dnf -y upgrade; dnf check-update; yum -y remove git nosuch; git; dnf clean all; dnf frob; rpm --eval %fedora; rpm --import x`,
  );
  assert.match(
    ran.out,
    /^Is this ok \[y\/N\]: Operation aborted.\n1\nInstalling : git-1.2.3-4.x86_64\nComplete!\nNo match for argument: nosuch\n1\ngit-1.2.3-4.x86_64\npackage nosuch is not installed\n1\ngit x86_64\n/,
  );
  assert.match(
    ran.err,
    /Error: Unable to find a match: nosuch\n[^]*git: command not found\nNo such command: frob/,
  );
});

Deno.test("pacman synchronizes before it installs", async () => {
  using test = await testGuest("archlinux-base_20240911-1_amd64.tar.zst");
  test.online = false;
  assert.match(
    (await test.run("pacman -Sy --noconfirm git")).err,
    /error: failed retrieving file 'core.db' from geo.mirror.pkgbuild.com : Could not resolve host/,
  );
  test.online = true;
  const ran = await test.run(
    `pacman -S --noconfirm git; echo $?; pacman -Sy; pacman -S git; echo $?; pacman -S --noconfirm --needed git; pacman -Q git; pacman -Qq git; pacman -T git nosuch; echo $?; pacman -S --noconfirm git nosuch; echo $?
pacman -S --noconfirm --needed git; pacman -Q nosuch; pacman -Q | grep -c git; pacman -R --noconfirm git; pacman -R git; pacman; pacman-key --init; pacman -Syu --noconfirm | head -n 1`,
  );
  assert.equal(
    ran.out,
    "1\n:: Synchronizing package databases...\n core downloading...\n extra downloading...\n there is nothing to do\n:: Proceed with installation? [Y/n] 1\n(1/1) installing git...\n" +
      "git 1.2.3-4\ngit\nnosuch\n127\n1\n there is nothing to do\n1\n:: Synchronizing package databases...\n",
  );
  assert.match(
    ran.err,
    /^error: target not found: git\nerror: target not found: nosuch\nerror: package 'nosuch' was not found\nerror: target not found: git\nerror: no operation/,
  );
  test.online = false;
  assert.match((await test.run("pacman -S --noconfirm git")).err, /failed to commit transaction/);
});

Deno.test("zypper installs without asking only when told so", async () => {
  using test = await testGuest("opensuse-15.6-default_20240910_amd64.tar.xz");
  test.online = false;
  assert.equal((await test.run("zypper -n refresh")).code, 106);
  assert.equal((await test.run("zypper -n install git")).code, 106);
  test.online = true;
  const ran = await test.run(
    `zypper --non-interactive refresh; zypper in git; echo $?; zypper -n install git; zypper -n in git; zypper -n in nosuch; echo $?; rpm -q git; zypper -n rm git nosuch; zypper up; zypper frob; echo $?`,
  );
  assert.equal(
    ran.out,
    "All repositories have been refreshed.\nContinue? [y/n/v/...? shows all options] (y): 4\nInstalling: git-1.2.3-160000.4.1.x86_64 [...done]\n" +
      "'git' is already installed.\nNothing to do.\n'nosuch' not found in package names. Trying capabilities.\n104\ngit-1.2.3-160000.4.1.x86_64\n'nosuch' is not installed.\n2\n",
  );
  assert.equal(ran.err, "No provider of 'nosuch' found.\nUnknown command 'frob'\n");
});
