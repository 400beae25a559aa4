import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";

Deno.test("useradd, usermod and userdel change the accounts", async () => {
  using test = await testGuest();
  const ran = await test.run(`groupadd -g 2000 team; groupadd team; groupadd -f team
useradd -m -s /bin/bash -G sudo,team -c 'A Dev' dev; getent passwd dev; id dev; stat -c '%U:%G %a' /home/dev; ls -A /home/dev
useradd dev; useradd -G nosuch x; useradd -g nosuch x; useradd -u 1000 x; useradd 1x; useradd team
usermod -aG adm dev; id -Gn dev; usermod -G team -s /bin/sh -d /srv dev; id -Gn dev; getent passwd dev
usermod -aG nosuch dev; usermod nosuch; useradd -r svc; id -u svc; groups dev
userdel dev; getent passwd dev; echo $?; userdel dev; groupdel team; groupdel team; grep -c svc /etc/shadow`);
  assert.equal(
    ran.out,
    "dev:x:1000:1000:A Dev:/home/dev:/bin/bash\n" +
      "uid=1000(dev) gid=1000(dev) groups=1000(dev),27(sudo),2000(team)\ndev:dev 755\n.profile\n" +
      "dev adm sudo team\ndev team\ndev:x:1000:1000:A Dev:/srv:/bin/sh\n999\ndev team\n2\n1\n",
  );
  assert.deepEqual(ran.err.trim().split("\n"), [
    "groupadd: group 'team' already exists",
    "useradd: user 'dev' already exists",
    "useradd: group 'nosuch' does not exist",
    "useradd: group 'nosuch' does not exist",
    "useradd: UID 1000 is not unique",
    "useradd: invalid user name '1x'",
    "useradd: group team exists - if you want to add this user to that group, use -g.",
    "usermod: group 'nosuch' does not exist",
    "usermod: user 'nosuch' does not exist",
    "userdel: user 'dev' does not exist",
    "groupdel: group 'team' does not exist",
  ]);
});

Deno.test("adduser and addgroup are Debian's or BusyBox's", async () => {
  using debian = await testGuest();
  const ran = await debian.run(
    `adduser --disabled-password --gecos '' dev; addgroup staff; adduser dev staff; id -Gn dev; getent passwd dev
adduser dev; adduser dev nosuch; adduser nosuch staff; addgroup staff; echo dev:secret | chpasswd; echo x:y | chpasswd
cut -d: -f1,2 /etc/shadow | grep dev; echo 'dev:*' | chpasswd -e; cut -d: -f1,2 /etc/shadow | grep dev`,
  );
  assert.equal(
    ran.out,
    "dev staff\ndev:x:1000:1000::/home/dev:/bin/bash\ndev:$y$j9T$hash\ndev:*\n",
  );
  assert.match(
    ran.err,
    /already exists[^]*unknown group nosuch[^]*unknown user nosuch[^]*group 'staff' in use[^]*user 'x' does not exist/,
  );
  using alpine = await testGuest(ALPINE);
  const small = await alpine.run(
    `addgroup -g 1500 team; adduser -D -s /bin/sh -G team -u 1234 dev; getent passwd dev; adduser dev audio; addgroup dev video; id dev; adduser -D dev; useradd x`,
  );
  assert.equal(
    small.out,
    "dev:x:1234:1500:Linux User,,,:/home/dev:/bin/sh\nuid=1234(dev) gid=1500(team) groups=1500(team),29(audio),44(video)\n",
  );
  assert.equal(small.err, "adduser: user 'dev' in use\nsh: useradd: not found\n");
});

Deno.test("id, getent, su and runuser know who is who", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `useradd -m dev; id; id -u dev; id -gn dev; whoami; groups; getent group sudo nosuch; echo $?; getent passwd 0; getent nosuch x
su dev -c 'id -un; echo $HOME $USER; pwd'; su - dev -c 'pwd; echo $PATH'; su -s /bin/bash dev -c 'echo $BASH_VERSION | cut -c 1'
runuser -u dev -- sh -c 'id -un; exit 3'; echo $?; runuser -u dev -- nosuchcmd; echo $?; su nosuch; id nosuch; groups nosuch
su dev -c 'su root -c id'; su -p -s /bin/sh -c 'exec "$0" "$@"' -- dev echo words 'a b'`,
  );
  assert.equal(
    ran.out,
    "uid=0(root) gid=0(root) groups=0(root)\n1000\ndev\nroot\nroot\nsudo:x:27:\n2\nroot:x:0:0:root:/root:/bin/bash\n" +
      "dev\n/home/dev dev\n/root\n/home/dev\n/usr/local/bin:/usr/bin:/bin\n5\ndev\n3\n127\nwords a b\n",
  );
  assert.match(ran.err, /Unknown database: nosuch/);
  assert.match(ran.err, /failed to execute nosuchcmd: No such file or directory/);
  assert.match(ran.err, /id: 'nosuch': no such user/);
  assert.match(ran.err, /Authentication failure/);
});
