import assert from "node:assert/strict";
import { testGuest } from "../../tests/unix.ts";

Deno.test("cat, tee, head, tail and wc stream bytes", async () => {
  using test = await testGuest();
  const out = async (script: string, stdin = "") => (await test.run(script, stdin)).out;
  assert.equal(await out("cat -n", "a\nb\n"), "     1\ta\n     2\tb\n");
  assert.equal(await out("printf 'a\\tb\\001\\377\\n' | cat -A"), "a^Ib^AM-^?$\n");
  assert.equal(await out("cat - /etc/hostname </dev/null"), "web\n");
  assert.equal(
    await out("tee /tmp/t >/dev/null; echo b | tee -a /tmp/t; cat /tmp/t", "a\n"),
    "b\na\nb\n",
  );
  assert.equal(
    await out("seq 20 | head -3; seq 5 | head -n -3; echo abcdef | head -c 3"),
    "1\n2\n3\n1\n2\nabc",
  );
  assert.equal(
    await out("head -c 1k /dev/zero | wc -c; head -n 1 /etc/hostname /etc/hostname"),
    "1024\n==> /etc/hostname <==\nweb\n==> /etc/hostname <==\nweb\n",
  );
  assert.equal(
    await out("seq 5 | tail -2; seq 5 | tail -n +4; echo abc | tail -c 2; echo abc | tail -c +2"),
    "4\n5\n4\n5\nc\nbc\n",
  );
  assert.equal(
    await out("printf 'a b\\nc\\n' | wc; printf 'a b\\n' >/tmp/w; wc -l /tmp/w /tmp/w"),
    "      2       3       6\n1 /tmp/w\n1 /tmp/w\n2 total\n",
  );
});

Deno.test("cat and its like complain about what they cannot open, and go on", async () => {
  using test = await testGuest();
  const ran = await test.run("cat /nosuch /etc/hostname /etc");
  assert.deepEqual(ran, {
    code: 1,
    out: "web\n",
    err: "cat: /nosuch: No such file or directory\ncat: /etc: Is a directory\n",
  });
  assert.equal((await test.run("cat --nosuch")).err, "cat: unrecognized option '--nosuch'\n");
  assert.equal((await test.run("echo a | tee /no/such")).code, 1);
});

Deno.test("base64 and the checksums agree with the real ones", async () => {
  using test = await testGuest();
  const out = async (script: string) => (await test.run(script)).out;
  assert.equal(
    await out("printf 'hello' | base64; printf 'aGVsbG8=' | base64 -d"),
    "aGVsbG8=\nhello",
  );
  assert.equal((await out("head -c 100 /dev/zero | base64")).split("\n")[0]?.length, 76);
  assert.equal((await out("head -c 100 /dev/zero | base64 -w 0")).length, 136);
  assert.deepEqual(await test.run("echo '!!' | base64 --decode"), {
    code: 1,
    out: "",
    err: "base64: invalid input\n",
  });
  assert.equal(await out("printf abc | md5sum"), "900150983cd24fb0d6963f7d28e17f72  -\n");
  assert.equal(await out("printf abc | sha1sum | cut -c 1-12"), "a9993e364706\n");
  const check =
    "cd /tmp; echo a >a; echo b >b; sha256sum a b >s; sha256sum -c s; echo c >b; rm a; sha256sum -c s; echo $?";
  assert.equal(await out(check), "a: OK\nb: OK\na: FAILED open or read\nb: FAILED\n1\n");
});

Deno.test("cmp says where two files differ", async () => {
  using test = await testGuest();
  const ran = await test.run(
    "cd /tmp; printf 'a\\nbc' >a; printf 'a\\nbd' >b; printf 'a\\n' >c; cmp a a; cmp a b; cmp a c; cmp -s a b; echo $?; cmp a nosuch",
  );
  assert.deepEqual(ran, {
    code: 2,
    out: "a b differ: char 4, line 2\n1\n",
    err: "cmp: EOF on c after byte 2, in line 2\ncmp: nosuch: No such file or directory\n",
  });
});
