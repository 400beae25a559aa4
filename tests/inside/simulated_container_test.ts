import assert from "node:assert/strict";
import { startLab } from "../support/simulator.ts";

/** What somebody types in a container of `pxrun simulator`, its output, and what it complains of. */
const TYPED: readonly (readonly [script: string, out: RegExp, err?: RegExp])[] = [
  ["ls -la /root", /^total \d+\ndrwx------ 2 root root .* \.\n[^]* \.profile\n/],
  ["ls -d /nosuch; ls /etc/hostname /home", /^\/etc\/hostname\n\n\/home:\n$/, /cannot access/],
  ["head -c 12 /dev/zero | wc -c; echo 1 2 3 | wc", /^12\n +1 +3 +6\n$/],
  ["echo hello | base64 | tee", /^$/, /not in the simulated container: tee \(docs\/lab.md/],
  ["[[ a ]] || echo no", /^$/, /\[\[: not found|not in the simulated container: \[\[ /],
  ["x=5; echo $((x * (x - 1))) ${nope:-none} ${y:=set}$y", /^20 none setset\n$/],
  ["set -u; echo $nope", /^$/, /nope: parameter not set/],
  ["cd /nosuch; pwd", /^\/root\n$/, /can't cd to \/nosuch/],
  ["cat </etc/nosuch; echo x >/etc; echo y >&9", /^$/, /No such file[^]*directory[^]*Bad file/],
  ["touch a; ./a; echo $?; cp nosuch b; mkdir a; rmdir /etc", /^126\n$/, /Permission denied/],
  ["printf '%-4s|%3d%%\\n' ab 7; printf '%d\\n' x", /^ab {2}\| {2}7%\n0\n$/, /expected numeric/],
  ["chmod u+x a && test -x a && echo yes; chmod 9 a; chown nosuch a", /^yes\n$/, /invalid mode/],
  ["umask 9; export 1=2; exit", /^$/, /Illegal mode/],
  ["if", /^$/, /Syntax error/],
  ["trap 'echo bye' EXIT; kill -0 $$; kill -9 99999; kill x; exit 3", /^bye\n$/, /No such process/],
  ["systemctl is-system-running; systemctl stop cron; systemctl is-active cron", /^running\nin/],
  ["systemctl start nosuch; systemctl frob cron; useradd root", /^$/, /does not exist[^]*frob/],
  ["apt-get update -qq; apt-get install -y nosuch; apt-get frob", /Reading/, /Unable to locate/],
  ["getent passwd root nosuch; id nosuch; tty", /^root:x:0:0:.*\nnot a tty\n$/, /no such user/],
  ["for i in 1 2; do for j in 1 2; do continue 2; done; done; case x in a) ;; esac; echo $?", /0/],
];

Deno.test("exec runs in a simulated container what a user types, and says what it does not have", async () => {
  await using lab = await startLab();
  const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--yes"];
  const { status, stderr } = await lab.run(create);
  assert.equal(status, 0, stderr);
  for (const [script, out, err = /^$/] of TYPED) {
    const ran = await lab.run(["exec", "web-1", "--", "sh", "-c", script]);
    assert.match(ran.stdout, out, script);
    assert.match(ran.stderr, err, script);
  }
  const echo = await lab.run(["exec", "web-1", "--", "echo", "-n", "two  words"]);
  assert.deepEqual([echo.status, echo.stdout], [0, "two  words"]);
  const pwd = await lab.run(["exec", "web-1", "--", "pwd"]);
  assert.deepEqual([pwd.status, pwd.stdout], [0, "/root\n"]);
});

Deno.test("create says which templates the simulator does not have", async () => {
  await using lab = await startLab();
  const { cluster } = lab.simulator;
  const [first] = cluster.appliances;
  assert.ok(first);
  cluster.appliances.push({ ...first, template: "fedora-42-default_20250428_amd64.tar.xz" });
  const create = ["create", "--hostname", "web-1", "--template", "fedora-42", "--yes"];
  const { status, stderr } = await lab.run(create);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /not in the simulated container: fedora-42.* \(docs\/lab.md runs real ones\)/,
  );
});
