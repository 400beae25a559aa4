import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../../tests/unix.ts";

Deno.test("useradd, usermod and groupadd change the accounts", async () => {
  using test = await testGuest();
  const ran = await test.run(`groupadd -r -g 2000 team; groupadd team; groupadd own
useradd -m -U -s /bin/bash dev; getent passwd dev; usermod -aG team dev; usermod -aG team dev; id dev
stat -c '%U:%G %a' /home/dev; ls /home/dev/.profile; useradd dev; useradd -u 1000 x; useradd -U own
useradd -g own -u 1500 -d /srv/x x; usermod -s /bin/sh dev; getent passwd dev x nosuch; echo $?
usermod -aG nosuch dev; printf 'dev:*\\n' | chpasswd -e; grep ^dev /etc/shadow; echo y:z | chpasswd`);
  assert.equal(
    ran.out,
    "dev:x:1000:1001::/home/dev:/bin/bash\n" +
      "uid=1000(dev) gid=1001(dev) groups=1001(dev),2000(team)\ndev:dev 755\n/home/dev/.profile\n" +
      "dev:x:1000:1001::/home/dev:/bin/sh\nx:x:1500:1000::/srv/x:/bin/sh\n2\n" +
      "dev:*:20000:0:99999:7:::\n",
  );
  assert.deepEqual(ran.err.trim().split("\n"), [
    "groupadd: group 'team' already exists",
    "useradd: user 'dev' already exists",
    "useradd: UID 1000 is not unique",
    "useradd: group own exists",
    "usermod: group 'nosuch' does not exist",
    "chpasswd: line 1: user 'y' does not exist",
  ]);
});

Deno.test("adduser and addgroup are BusyBox's", async () => {
  using alpine = await testGuest(ALPINE);
  const ran = await alpine.run(
    `addgroup -g 1500 team; adduser -D -s /bin/sh -G team -u 1234 dev; getent passwd dev
addgroup dev video; id dev; adduser -D dev; addgroup team; addgroup nosuch video; addgroup dev nosuch`,
  );
  assert.equal(
    ran.out,
    "dev:x:1234:1500:Linux User,,,:/home/dev:/bin/sh\n" +
      "uid=1234(dev) gid=1500(team) groups=1500(team),44(video)\n",
  );
  assert.match(ran.err, /'dev' in use\n.*'team' in use\n.*user nosuch\n.*group nosuch\n$/);
  assert.equal((await alpine.run("useradd x")).code, 127);
});

Deno.test("id, getent, su and runuser know who is who", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `useradd -m dev; id; id -u dev; id -gn dev; getent group sudo nosuch; echo $?
runuser -u dev -- sh -c 'id -un; exit 3'; echo $?; runuser -u dev -- nosuchcmd; echo $?; id nosuch; su nosuch
su -p -s /bin/sh -c 'exec "$0" "$@"' -- dev echo words 'a b'`,
  );
  assert.equal(
    ran.out,
    "uid=0(root) gid=0(root) groups=0(root)\n1000\ndev\nsudo:x:27:\n2\ndev\n3\n127\nwords a b\n",
  );
  assert.match(
    ran.err,
    /^runuser: not in the simulated container: nosuchcmd .*\nid: 'nosuch': no such user\nsu: unknown/,
  );
});
