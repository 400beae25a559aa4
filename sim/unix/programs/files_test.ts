import assert from "node:assert/strict";
import { testGuest } from "../../tests/unix.ts";

Deno.test("mkdir, rmdir and rm make and remove", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; umask 077; mkdir -p a/b/c; mkdir -m 755 d; stat -c '%n %a' a d
mkdir a; mkdir x/y; rmdir a; rmdir a/b/c; rm a; rm -r a d; rm -f nosuch; rm; ls`,
  );
  assert.equal(ran.out, "a 700\nd 755\n");
  assert.equal(
    ran.err,
    "mkdir: cannot create directory 'a': File exists\n" +
      "mkdir: cannot create directory 'x/y': No such file or directory\n" +
      "rmdir: cannot remove 'a': Directory not empty\n" +
      "rm: cannot remove 'a': Is a directory\nrm: missing operand\n",
  );
});

Deno.test("cp and mv keep what they are told to keep", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; echo one >a; chmod 751 a; chown daemon:daemon a; ln -s a l; mkdir d
cp a b; cp -p a c; cp -a l l2; cp a d; cp -r d e; cp -n a b; cp -t e b c; cp -T a f
stat -c '%n %a %U %F' b c l2 d/a e/a e/b f; cp d g; cp nosuch g; mv a h; mv h d; mv nosuch x; mv -n b c; ls d`,
  );
  assert.equal(
    ran.out,
    "b 751 root regular file\nc 751 daemon regular file\nl2 777 root symbolic link\n" +
      "d/a 751 root regular file\ne/a 751 root regular file\ne/b 751 root regular file\nf 751 root regular file\na\nh\n",
  );
  assert.equal(
    ran.err,
    "cp: cannot copy 'd': Is a directory\ncp: cannot stat 'nosuch': No such file or directory\n" +
      "mv: cannot stat 'nosuch': No such file or directory\n",
  );
});

Deno.test("ln, touch and truncate", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; touch a; touch -c b; ls; echo x >>a; ln a hard; echo y >>hard; cat a
ln -s a soft; ln -s b soft; ln -sf b soft; readlink soft; mkdir d; ln -s ../a d/; readlink d/a; ln -s d dl; ln -sfn a dl; readlink dl
truncate -s 3 a; wc -c <a; ln -s /etc/hostname; cat hostname`,
  );
  assert.equal(ran.out, "a\nx\ny\nb\n../a\na\n3\nweb\n");
  assert.equal(ran.err, "ln: cannot create link '/tmp/soft': File exists\n");
});

Deno.test("install puts a file in place with its owner and mode", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `cd /tmp; echo x >a; install -m 640 -o daemon -g adm a b; install -D a p/q; install -d -m 700 r/s; install a r
stat -c '%n %a %U:%G' b p/q r/s r/a; install -o nosuch a c; install -m 9 a c; install nosuch c`,
  );
  assert.equal(
    ran.out,
    "b 640 daemon:adm\np/q 755 root:root\nr/s 700 root:root\nr/a 755 root:root\n",
  );
  assert.equal(
    ran.err,
    "install: invalid user 'nosuch'\ninstall: invalid mode '9'\ninstall: cannot stat 'nosuch': No such file or directory\n",
  );
});

Deno.test("mktemp makes what nobody else has", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `a=$(mktemp) b=$(mktemp -d) c=$(mktemp /srv/x.XXXXXX) d=$(mktemp -p /srv t.XXXX)
stat -c '%a %F' "$a" "$b" "$c"; case $a$c$d in /tmp/tmp.*/srv/x.*/srv/t.*) echo named;; esac; mktemp -u /srv/u.XXX | wc -l; mktemp x; mktemp /no/such.XXXX`,
  );
  assert.equal(
    ran.out,
    "600 regular empty file\n700 directory\n600 regular empty file\nnamed\n1\n",
  );
  assert.match(
    ran.err,
    /too few X's in template 'x'\n.*failed to create file via template '\/no\/such\..*No such file/,
  );
});

Deno.test("files and folders obey who may do what", async () => {
  using test = await testGuest();
  const script = `echo secret >/root/secret; chmod 600 /root/secret; mkdir -m 777 /srv/open
su -s /bin/sh daemon -c 'cat /root/secret; echo x >/etc/x; rm /etc/hostname; mv /etc/hosts /srv/open; mkdir /srv/open/mine; chmod 700 /srv/open/mine; chown root /srv/open; id -un; cd /srv/open && touch f && stat -c %U f'`;
  const ran = await test.run(script);
  assert.equal(ran.out, "daemon\ndaemon\n");
  assert.equal(
    ran.err,
    "cat: /root/secret: Permission denied\nsh: 1: cannot create /etc/x: Permission denied\n" +
      "rm: cannot remove '/etc/hostname': Permission denied\nmv: cannot move '/etc/hosts': Permission denied\n" +
      "chown: changing '/srv/open': Operation not permitted\n",
  );
});
