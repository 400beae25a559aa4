import assert from "node:assert/strict";
import { ALPINE, eventually, testGuest } from "../../tests/unix.ts";

Deno.test("env runs commands with another environment", async () => {
  using test = await testGuest();
  const out = async (script: string) => (await test.run(script)).out;
  assert.equal(await out("A=1 env -u PATH /usr/bin/env | grep -c -e ^PATH -e ^A"), "1\n");
  assert.deepEqual(await test.run("env nosuchcmd"), {
    code: 127,
    out: "",
    err: "env: not in the simulated container: nosuchcmd (docs/lab.md runs real ones)\n",
  });
  assert.equal((await test.run("env /etc/passwd")).code, 126);
});

Deno.test("sleep keeps time, and can be ended", async () => {
  using test = await testGuest();
  assert.equal((await test.run("sleep x")).err, "sleep: invalid time interval 'x'\n");
  assert.equal((await test.run("sleep 0.01; echo $?")).out, "0\n");
  const running = test.run("exec sleep 60");
  await eventually(async () => / sleep 60\n/.test((await test.run("ps ax")).out));
  const pid = /^(\d+) .*sleep 60$/m.exec((await test.run("ps ax")).out)?.[1];
  assert.equal(
    (await test.run(`kill -0 ${pid}; echo $?; kill -9 ${pid}; kill 99999; echo $?`)).out,
    "0\n1\n",
  );
  assert.equal((await running).code, 137);
});

Deno.test("setsid makes a session of its own that a second program can end", async () => {
  using test = await testGuest();
  const running = test.run("setsid sh -c 'echo $$ >/run/pid; sleep 60; true'; echo status $?");
  await eventually(async () => / sleep 60\n/.test((await test.run("ps ax")).out));
  const pid = (await test.run("cat /run/pid")).out.trim();
  const stat =
    (await test.run(`cat /proc/${pid}/stat /proc/${pid}/comm; tr -d x </proc/${pid}/cmdline`)).out;
  assert.match(stat, new RegExp(`^${pid} \\(sh\\) S \\d+ ${pid} ${pid} .*\\nsh\\nsh\\0-c\\0echo`));
  assert.equal((await test.run(`kill -TERM ${pid}`)).code, 0);
  assert.equal((await running).out, "status 143\n");
});

Deno.test("programs that shells have built in are there by themselves, too", async () => {
  using test = await testGuest();
  const script =
    "/usr/bin/[ a = a ] && /usr/bin/test -d / && /usr/bin/printf '%s\\n' p && /usr/bin/echo e; /usr/bin/pwd; tty; /usr/bin/true && ! /usr/bin/false && echo ok";
  assert.equal((await test.run(script)).out, "p\ne\n/root\nnot a tty\nok\n");
  assert.equal((await test.run("/usr/bin/[ a")).code, 2);
  assert.equal((await test.run("/usr/bin/test 1 -eq x")).code, 2);
  using alpine = await testGuest(ALPINE);
  assert.equal((await alpine.run("/usr/bin/echo hi; /bin/busybox")).code, 127);
});
