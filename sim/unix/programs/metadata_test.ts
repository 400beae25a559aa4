import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";

Deno.test("chmod knows octal and symbolic modes", async () => {
  using test = await testGuest();
  const script = `cd /tmp; touch f; for m in 644 u+x,g-r a=rw +x go= u+s,+t o+w a-w 755 g=u 0600; do
chmod $m f && stat -c "$m %a %A" f; done; mkdir -p d/e; touch d/f; chmod -R a+rX,go-w d; stat -c %a d d/e d/f
chmod -x f; chmod zz f; chmod 600 nosuch; chmod --reference=d f; stat -c %a f`;
  const ran = await test.run(script);
  assert.equal(
    ran.out,
    "644 644 -rw-r--r--\nu+x,g-r 704 -rwx---r--\na=rw 666 -rw-rw-rw-\n+x 777 -rwxrwxrwx\ngo= 700 -rwx------\n" +
      "u+s,+t 5700 -rws-----T\no+w 5702 -rws----wT\na-w 5500 -r-s-----T\n755 755 -rwxr-xr-x\ng=u 775 -rwxrwxr-x\n" +
      "0600 600 -rw-------\n755\n755\n644\n755\n",
  );
  assert.equal(
    ran.err,
    "chmod: invalid mode: 'zz'\nchmod: cannot access 'nosuch': No such file or directory\n",
  );
});

Deno.test("chown and chgrp take names and numbers", async () => {
  using test = await testGuest();
  const script = `cd /tmp; mkdir -p d/e; for o in daemon daemon:adm :tty 1000:1000 root:; do
chown $o d && stat -c "$o %U:%G" d; done; chown -R daemon d; stat -c %U d/e; chgrp adm d; stat -c %G d
chown nosuch d; chown :nosuch d; chgrp nosuch d; chown root nosuch`;
  const ran = await test.run(script);
  assert.equal(
    ran.out,
    "daemon daemon:root\ndaemon:adm daemon:adm\n:tty daemon:tty\n1000:1000 1000:1000\nroot: root:root\ndaemon\nadm\n",
  );
  assert.equal(
    ran.err,
    "chown: invalid user: 'nosuch'\nchown: invalid group: ':nosuch'\nchgrp: invalid group: 'nosuch'\n" +
      "chown: cannot access 'nosuch': No such file or directory\n",
  );
});

Deno.test("ls lists", async () => {
  using test = await testGuest();
  const script =
    `mkdir /tmp/w; cd /tmp/w; echo abc >f; mkdir d .h; ln -s f l; touch d/x; ls; ls -a; ls -A1; ls -d d; ls d f; ls nosuch
ls -ln f l | tr -s ' ' | cut -d' ' -f1,3-5,9-; ls -l /dev/null | cut -c 1-10; ls -la | wc -l`;
  const ran = await test.run(script);
  assert.equal(
    ran.out,
    "d\nf\nl\n.\n..\n.h\nd\nf\nl\n.h\nd\nf\nl\nd\nf\n\nd:\nx\n-rw-r--r-- 0 0 4 f\nlrwxrwxrwx 0 0 1 l -> f\ncrw-rw-rw-\n7\n",
  );
  assert.equal(ran.err, "ls: cannot access 'nosuch': No such file or directory\n");
});

Deno.test("stat, readlink, realpath and df describe", async () => {
  using test = await testGuest();
  const script =
    `cd /tmp; echo abc >f; ln -s f l; stat -c '%s %F %n %N' f l; stat -L -c %F l; stat --printf '%a\\n' f; stat f | head -n 1
readlink l; readlink f; readlink -f l; readlink -f nosuch/x; readlink -e nosuch || echo none; realpath l .; realpath /no/such/x; df | wc -l; test f -ef l && echo same; stat nosuch`;
  const ran = await test.run(script);
  assert.equal(
    ran.out,
    "4 regular file f 'f'\n1 symbolic link l 'l' -> 'f'\nregular file\n644\n  File: f\nf\n/tmp/f\n/tmp/nosuch/x\nnone\n/tmp/f\n/tmp\n2\nsame\n",
  );
  assert.match(
    ran.err,
    /realpath: \/no\/such\/x: No such file.*\nstat: cannot statx 'nosuch': No such file/,
  );
  using alpine = await testGuest(ALPINE);
  assert.equal(
    (await alpine.run("stat nosuch")).err,
    "stat: can't stat 'nosuch': No such file or directory\n",
  );
});
