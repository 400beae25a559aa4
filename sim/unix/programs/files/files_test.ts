import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../../tests/unix.ts";

Deno.test("mkdir, rmdir and rm make and remove", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; umask 077; mkdir -p a/b/c; mkdir -m 755 d; stat -c '%n %a' a d
mkdir a; mkdir x/y; rmdir a; rmdir --ignore-fail-on-non-empty a; rmdir a/b/c; rm a; rm -r a d; rm -f nosuch; ls`,
  );
  assert.equal(ran.out, "a 700\nd 755\n");
  assert.equal(
    ran.err,
    "mkdir: cannot create directory 'a': File exists\n" +
      "mkdir: cannot create directory 'x/y': No such file or directory\n" +
      "rmdir: cannot remove 'a': Directory not empty\n" +
      "rm: cannot remove 'a': Is a directory\n",
  );
});

Deno.test("cp and mv put files where a directory is, or under another name", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; echo one >a; chmod 751 a; ln -s a l; mkdir d; cp a b; cp a d; cp l d; cp -r d e; cp -r l m
stat -c '%n %a %F' b d/a d/l e/a m; cp d g; cp nosuch g; mv a h; mv -f h d; mv nosuch x; cp a; ls d`,
  );
  assert.equal(
    ran.out,
    "b 751 regular file\nd/a 751 regular file\nd/l 751 regular file\ne/a 751 regular file\n" +
      "m 777 symbolic link\na\nh\nl\n",
  );
  assert.match(
    ran.err,
    /^cp: cannot copy 'd': Is a directory\ncp: cannot stat 'nosuch': No such file or directory\nmv: cannot stat 'nosuch'/,
  );
});

Deno.test("ln, readlink, touch and mktemp", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; touch a; echo x >>a; ln a hard; echo y >>hard; cat a; ln -s a soft; ln -s b soft
ln -sf b soft; readlink soft; mkdir d; ln -s ../a d/; readlink d/a; ln -s d dl; ln -sfn a dl; readlink dl; readlink a
a=$(mktemp) b=$(mktemp -d) c=$(mktemp /srv/x.XXXXXX); stat -c '%a %F' "$a" "$b" "$c"; mktemp /no/such.XXXX`,
  );
  assert.equal(
    ran.out,
    "x\ny\nb\n../a\na\n600 regular empty file\n700 directory\n600 regular empty file\n",
  );
  assert.match(
    ran.err,
    /^ln: cannot create link '\/tmp\/soft': File exists\nmktemp: .*No such file/,
  );
});

Deno.test("files and directories obey who may do what", async () => {
  using test = await testGuest();
  const script = `echo secret >/root/secret; chmod 600 /root/secret; mkdir -m 777 /srv/open
runuser -u daemon -- sh -c 'cat /root/secret; echo x >/etc/x; rm /etc/hostname; mv /etc/hosts /srv/open; mkdir /srv/open/mine; chmod 700 /srv/open/mine; chown root /srv/open; id -un; cd /srv/open && touch f && stat -c %U f'`;
  const ran = await test.run(script);
  assert.equal(ran.out, "daemon\ndaemon\n");
  assert.equal(
    ran.err,
    "cat: /root/secret: Permission denied\nsh: 1: cannot create /etc/x: Permission denied\n" +
      "rm: cannot remove '/etc/hostname': Permission denied\nmv: cannot move '/etc/hosts': Permission denied\n" +
      "chown: changing '/srv/open': Operation not permitted\n",
  );
});

Deno.test("chmod and chown take numbers and names", async () => {
  using test = await testGuest();
  const script =
    `cd /tmp; touch f; for m in 644 u+x a+w go-rw 0600 +x; do chmod $m f && stat -c "$m %a %A" f; done
mkdir -p d/e; chmod -R 711 d; stat -c %a d/e; chmod zz f; chmod 600 nosuch
for o in daemon daemon:adm :tty 1000:1000 root:; do chown $o d && stat -c "$o %U:%G" d; done
chown -R daemon d; stat -c %U d/e; chown nosuch d; chown :nosuch d`;
  const ran = await test.run(script);
  assert.equal(
    ran.out,
    "644 644 -rw-r--r--\nu+x 744 -rwxr--r--\na+w 766 -rwxrw-rw-\ngo-rw 700 -rwx------\n" +
      "0600 600 -rw-------\n+x 711 -rwx--x--x\n711\ndaemon daemon:root\ndaemon:adm daemon:adm\n" +
      ":tty daemon:tty\n1000:1000 1000:1000\nroot: root:root\ndaemon\n",
  );
  assert.equal(
    ran.err,
    "chmod: invalid mode: 'zz'\nchmod: cannot access 'nosuch': No such file or directory\n" +
      "chown: invalid user: 'nosuch'\nchown: invalid group: ':nosuch'\n",
  );
});

Deno.test("ls and stat describe", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `mkdir /tmp/w; cd /tmp/w; echo abc >f; mkdir d .h; ln -s f l; touch d/x; ls; ls -a; ls -d d; ls d f; ls nosuch
ls -ln f l; stat -c '%s %F %n %N' f l; stat -L -c %F l; stat nosuch; ls --color; echo $?`,
  );
  assert.match(
    ran.out,
    /^d\nf\nl\n\.\n\.\.\n\.h\nd\nf\nl\nd\nf\n\nd:\nx\n-rw-r--r-- 1 0 0 4 .* f\nlrwxrwxrwx 1 0 0 1 .* l -> f\n4 regular file f 'f'\n1 symbolic link l 'l' -> 'f'\nregular file\n127\n$/,
  );
  assert.match(
    ran.err,
    /^ls: cannot access 'nosuch': No such file or directory\nstat: cannot statx 'nosuch': .*\nls: not in the simulated container: ls --color /,
  );
  using alpine = await testGuest(ALPINE);
  assert.match((await alpine.run("stat nosuch")).err, /^stat: can't stat 'nosuch'/);
});

Deno.test("tar packs and unpacks by way of its streams", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `mkdir -p /srv/a/d /srv/b; cd /srv/a; echo x >f; ln -s f l; chmod 600 f; tar cf - . | tar xpf - -C /srv/b
stat -c '%n %a %F' /srv/b/d /srv/b/f /srv/b/l; tar cf - nosuch >/dev/null; echo $?; tar xzf x; echo $?; echo bad | tar x; echo $?`,
  );
  assert.equal(
    ran.out,
    "/srv/b/d 755 directory\n/srv/b/f 600 regular file\n/srv/b/l 777 symbolic link\n2\n127\n2\n",
  );
  assert.match(ran.err, /nosuch: Cannot stat[^]*not in the simulated container: tar -z/);
});
