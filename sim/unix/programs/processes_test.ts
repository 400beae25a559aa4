import assert from "node:assert/strict";
import { ALPINE, eventually, testGuest } from "../../tests/unix.ts";

Deno.test("env, printenv and nice run commands with another environment", async () => {
  using test = await testGuest();
  const out = async (script: string) => (await test.run(script)).out;
  assert.equal(await out("env -i A=1 B=2 env"), "A=1\nB=2\n");
  assert.equal(await out("A=1 env -u PATH /usr/bin/env | grep -c ^PATH"), "0\n");
  assert.equal(
    await out("printenv container NOSUCH; echo $?; printenv | head -n 1 | cut -c 1-5"),
    "lxc\n1\nPATH=\n",
  );
  assert.equal(
    await out("nice -n 5 echo nice; nohup echo up; env -0 -i A=1 | tr '\\0' ';'"),
    "nice\nup\nA=1;",
  );
  assert.deepEqual(await test.run("env nosuchcmd"), {
    code: 127,
    out: "",
    err: "env: nosuchcmd: No such file or directory\n",
  });
});

Deno.test("sleep and timeout keep time, and can be ended", async () => {
  using test = await testGuest();
  const began = performance.now();
  assert.equal(
    (await test.run("timeout 0.1 sleep 60; echo $?; timeout 5 true; echo $?")).out,
    "124\n0\n",
  );
  assert.equal((await test.run("timeout -s KILL 0.1 sleep 60; echo $?")).out, "137\n");
  assert.equal(
    (await test.run("timeout -k 0.1 0.1 sh -c 'trap \"\" TERM; sleep 60'; echo $?")).out,
    "137\n",
  );
  assert.equal((await test.run("timeout --preserve-status 0.1 sleep 60; echo $?")).out, "143\n");
  assert.ok(performance.now() - began < 50_000);
  assert.equal((await test.run("sleep x")).err, "sleep: invalid time interval 'x'\n");
  assert.equal((await test.run("timeout x true")).code, 125);
  assert.equal((await test.run("sleep 0.01s 0.01; echo $?")).out, "0\n");
});

Deno.test("setsid makes a session of its own that a second program can end", async () => {
  using test = await testGuest();
  assert.equal((await test.run("setsid -w sh -c 'exit 6'; echo $?")).out, "6\n");
  assert.equal((await test.run("setsid")).err, "setsid: no command specified\n");
  const running = test.run("setsid sh -c 'echo $$ >/run/pid; sleep 60 & sleep 60'; echo status $?");
  await eventually(async () =>
    (await test.run("pgrep -c -f 'sleep 60' >/dev/null; pgrep sleep | wc -l")).out === "2\n"
  );
  const pid = (await test.run("cat /run/pid")).out.trim();
  assert.equal((await test.run(`ps -o pid=,pgid=,sid= -p ${pid}`)).out, `${pid} ${pid} ${pid}\n`);
  const stat =
    (await test.run(`cat /proc/${pid}/stat /proc/${pid}/comm; tr '\\0' ' ' </proc/${pid}/cmdline`))
      .out;
  assert.match(stat, new RegExp(`^${pid} \\(sh\\) S \\d+ ${pid} ${pid} .*\\nsh\\nsh -c echo`));
  assert.equal((await test.run(`kill -TERM -- -${pid}`)).code, 0);
  assert.equal((await running).out, "status 143\n");
  assert.equal((await test.run("pgrep sleep")).code, 1);
});

Deno.test("setsid forks when it leads a group already", async () => {
  using test = await testGuest();
  assert.equal((await test.run("setsid setsid sh -c 'exit 3'; echo $?")).out, "0\n");
  assert.equal((await test.run("setsid setsid -w sh -c 'exit 3'; echo $?")).out, "3\n");
});

Deno.test("ps, pgrep, pkill and kill find processes", async () => {
  using test = await testGuest();
  const running = test.run("exec sleep 60");
  await eventually(async () => (await test.run("pgrep -x sleep")).code === 0);
  const pid = (await test.run("pgrep sleep")).out.trim();
  assert.equal((await test.run("pgrep -a sleep")).out, `${pid} sleep 60\n`);
  assert.equal((await test.run("pgrep -l slee")).out, `${pid} sleep\n`);
  assert.equal(
    (await test.run(`ps -p ${pid} -o pid,comm,user`)).out,
    `PID COMM USER\n${pid} sleep root\n`,
  );
  assert.match((await test.run("ps aux")).out, /^USER PID STAT COMMAND\nroot 1 S \/sbin\/init\n/);
  assert.match(
    (await test.run("ps -ef")).out,
    /PID TTY TIME COMMAND\n1 \? 00:00:00 \/sbin\/init\n/,
  );
  assert.equal((await test.run("ps -p 99999")).code, 1);
  assert.equal(
    (await test.run(`/usr/bin/kill -0 ${pid}; echo $?; /usr/bin/kill 99999`)).out,
    "0\n",
  );
  assert.equal(
    (await test.run("pkill -9 -f '[s]leep 6'; echo $?; pkill nosuch; echo $?")).out,
    "0\n1\n",
  );
  assert.equal((await running).code, 137);
});

Deno.test("flock lets one command run at a time", async () => {
  using test = await testGuest();
  const first = test.run(
    "flock /run/lock sh -c 'echo first >>/run/log; until [ -e /run/go ]; do sleep 0.01; done; " +
      "echo end >>/run/log'",
  );
  await eventually(async () => (await test.run("cat /run/log")).out === "first\n");
  assert.equal(
    (await test.run("flock -n /run/lock echo busy; echo $?; flock -n -E 5 /run/lock true; echo $?"))
      .out,
    "1\n5\n",
  );
  const second = test.run("flock /run/lock -c 'echo second >>/run/log'; cat /run/log; flock 9");
  await eventually(() =>
    test.guest.argvs.some((argv) => argv.includes("-c") && argv[0] === "flock")
  );
  await test.run("touch /run/go");
  assert.equal((await second).out, "first\nend\nsecond\n");
  assert.equal((await first).code, 0);
  assert.equal((await test.run("flock /no/such true")).code, 66);
});

Deno.test("xargs builds command lines", async () => {
  using test = await testGuest();
  const out = async (script: string) => (await test.run(script)).out;
  assert.equal(
    await out("printf 'a b\\n\"c d\" e\\\\ f' | xargs -n 1 echo x"),
    "x a\nx b\nx c d\nx e f\n",
  );
  assert.equal(await out("printf 'a b\\nc\\n' | xargs -I% echo '<%>'"), "<a b>\n<c>\n");
  assert.equal(await out("printf 'a b\\0c\\0' | xargs -0 -n1 echo"), "a b\nc\n");
  assert.equal(await out("xargs -r echo </dev/null; xargs echo none </dev/null"), "none\n");
  assert.equal(
    await out("echo 1 | xargs false; echo $?; echo 1 | xargs nosuch 2>/dev/null; echo $?"),
    "123\n127\n",
  );
});

Deno.test("the small programs about the machine", async () => {
  using test = await testGuest();
  assert.equal(
    (await test.run(
      "uname; uname -m; arch; nproc; logger hi; sync; /usr/bin/true && ! /usr/bin/false && echo ok; tty -s; echo $?",
    )).out,
    "Linux\nx86_64\nx86_64\n1\nok\n1\n",
  );
  assert.match((await test.run("uptime; uname -a")).out, /^ up \d+ seconds.*\nLinux /);
  assert.equal(
    (await test.run(
      "/usr/bin/[ a = a ] && /usr/bin/test -d / && /usr/bin/printf '%s\\n' p && /usr/bin/echo -n e",
    )).out,
    "p\ne",
  );
  assert.equal((await test.run("/usr/bin/[ a")).code, 2);
  assert.equal((await test.run("/usr/bin/test 1 -eq x")).code, 2);
  assert.equal(
    (await test.run("/usr/bin/pwd; which ls nosuch; echo $?; busybox")).out,
    "/root\n/usr/bin/ls\n1\n",
  );
  using alpine = await testGuest(ALPINE);
  assert.equal((await alpine.run("busybox nosuch")).code, 127);
});
