import assert from "node:assert/strict";
import { testGuest } from "../../../tests/unix.ts";

Deno.test("cat, head, tail and wc stream bytes", async () => {
  using test = await testGuest();
  const out = async (script: string, stdin = "") => (await test.run(script, stdin)).out;
  const five = "printf '1\\n2\\n3\\n4\\n5\\n'";
  assert.equal(await out("cat - /etc/hostname </dev/null"), "web\n");
  assert.equal(await out(`${five} | head -2; echo abcdef | head -c 3`), "1\n2\nabc");
  assert.equal(await out("head -c 1k /dev/zero | wc -c"), "1024\n");
  assert.equal(
    await out(
      `${five} | tail -2; ${five} | tail -n +4; echo abc | tail -c 2; echo abc | tail -c +2`,
    ),
    "4\n5\n4\n5\nc\nbc\n",
  );
  assert.equal(
    await out("printf 'a b\\nc\\n' | wc; printf 'a b\\n' >/tmp/w; wc -l /tmp/w"),
    "      2       3       6\n1 /tmp/w\n",
  );
});

Deno.test("cat complains about what it cannot open, and goes on", async () => {
  using test = await testGuest();
  assert.deepEqual(await test.run("cat /nosuch /etc/hostname /etc"), {
    code: 1,
    out: "web\n",
    err: "cat: /nosuch: No such file or directory\ncat: /etc: Is a directory\n",
  });
  assert.equal((await test.run("cat --nosuch")).code, 127);
});

Deno.test("base64 and sha256sum agree with the real ones", async () => {
  using test = await testGuest();
  const out = async (script: string) => (await test.run(script)).out;
  assert.equal(
    await out("printf 'hello' | base64; printf 'aGVsbG8=' | base64 -d"),
    "aGVsbG8=\nhello",
  );
  assert.equal((await out("head -c 100 /dev/zero | base64")).split("\n")[0]?.length, 76);
  assert.equal((await out("head -c 100 /dev/zero | base64 -w 0")).length, 136);
  assert.equal((await test.run("echo '!!' | base64 --decode")).err, "base64: invalid input\n");
  assert.match(await out("printf abc | sha256sum"), /^ba7816bf8f01cfea[\da-f]{48} {2}-\n$/);
});

Deno.test("tr replaces and deletes", async () => {
  using test = await testGuest();
  assert.equal(
    (await test.run("printf 'a,b c\\t' | tr ,c '\\nd'; printf '\"x\" y\\n' | tr -d '\" \\n'")).out,
    "a\nb d\txy",
  );
  assert.equal((await test.run("echo a | tr a-z A-Z")).code, 127);
});
