import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";
import { DASH_CASES } from "../../tests/dash_cases.ts";

Deno.test("shellProgram() runs scripts as dash does", async () => {
  using test = await testGuest();
  for (const [index, [script, code, out, err = ""]] of DASH_CASES.entries()) {
    const ran = await test.run(`mkdir /tmp/${index}; cd /tmp/${index}; ${script}`);
    assert.deepEqual(ran, { code, out, err }, script);
  }
});

Deno.test("shellProgram() words errors as each shell does", async () => {
  const cases: readonly (readonly [script: string, code: number, err?: string])[] = [
    ["/no/such", 127, "sh: 1: /no/such: not found\n"],
    ["/etc/passwd", 126, "sh: 1: /etc/passwd: Permission denied\n"],
    ["true\ntrue\nexec /no/such", 127, "sh: 3: /no/such: not found\n"],
    ["set -u; echo $nope; echo never", 2, "sh: 1: nope: parameter not set\n"],
    ["cd /nosuch", 2, "sh: 1: cd: can't cd to /nosuch\n"],
    ["cat </nosuch; echo $? >&2", 0, "sh: 1: cannot open /nosuch: No such file\n2\n"],
    ["echo >/no/such", 2, "sh: 1: cannot create /no/such: Directory nonexistent\n"],
    ["echo >/etc", 2, "sh: 1: cannot create /etc: Is a directory\n"],
    ["exec 3</nosuch; echo never", 2, "sh: 1: cannot open /nosuch: No such file\n"],
    ["echo >&9", 2, "sh: 1: 9: Bad file descriptor\n"],
    ["kill -9 x$$", 2],
    ["kill -NOSUCH 1", 2],
    ["trap 'echo x' NOSUCH", 1],
    ["shift 3; echo never", 2, "sh: 1: shift: can't shift that many\n"],
    ["exit nope", 2, "sh: 1: exit: Illegal number: nope\n"],
    ["if true; then", 2],
    ["eval 'if'; echo never", 2, "sh: 1: eval: Syntax error: Expected THEN, got EOF\n"],
    ["x='@'; echo $((x))", 2],
    ["( eval ')' ); echo on >&2", 0],
    ["[ 1 -eq x ]", 2, "sh: 1: [: Illegal number: x\n"],
    ["export 1a=b", 2, "sh: 1: export: 1a=b: bad variable name\n"],
  ];
  using test = await testGuest();
  for (const [script, code, err] of cases) {
    const ran = await test.run(script);
    assert.equal(ran.code, code, script);
    if (err !== undefined) assert.equal(ran.err, err, script);
    else assert.notEqual(ran.err, "", script);
  }
  assert.match((await test.run(["bash", "-c", "\ncd /nosuch"])).err, /^bash: line 2: cd: /);
  using alpine = await testGuest(ALPINE);
  assert.equal((await alpine.run("cat </nosuch")).err, "sh: can't open /nosuch: no such file\n");
});

Deno.test("shellProgram() says what it leaves out, and exits with 127", async () => {
  const cases = {
    "nosuch; exit $?": "nosuch",
    "[[ a ]]": "[[",
    "((1))": "((",
    "for ((;;)); do :; done": "for ((",
    "a=(1 2)": "a=(...)",
    "a+=1": "a+=",
    "echo {1..3}": "{..,..}",
    "cat <(echo)": "<(...)",
    "echo ${x^^}": "this form of ${x...}, CaseModification",
    "echo ${#x}": "this form of ${x...}, Length",
    "echo ${a[1]}": "${a[1]}",
    "cat <<<x": "<<<",
    "echo a |& cat": "|&",
    "sleep 1 &": "&",
    "case a in a) echo a ;& b) ;; esac": ";&",
    "echo $((1 << 2))": "<< in $((...))",
    "echo $((!1))": "this in $((...)), ArithUnary",
    "set -C": "set -C",
    "cd -": "cd -",
    "umask": "umask without a mode",
    "trap": "trap without a command",
    "command ls": "command without -v",
    "read x </etc/back": "read of a backslash without -r",
    "sh -c 'jq .'": "jq",
  };
  using test = await testGuest();
  await test.guest.write("/etc/back", new TextEncoder().encode("a\\b\n"));
  for (const [script, name] of Object.entries(cases)) {
    const { code, err } = await test.run(script);
    assert.ok(
      err.endsWith(`not in the simulated container: ${name} (docs/lab.md runs real ones)\n`),
      `${script}: ${err}`,
    );
    assert.equal(code, 127, script);
  }
});

Deno.test("shellProgram() is one POSIX shell under every name", async () => {
  using test = await testGuest();
  assert.equal(
    (await test.run(["bash", "-c", "echo 'a\\tb'; [ -n x ] && echo y"])).out,
    "a\\tb\ny\n",
  );
  assert.equal((await test.run(["dash", "-c", "echo 'a\\tb'"])).out, "a\tb\n");
});

Deno.test("shellProgram() reads its script from standard input, and leaves the rest there", async () => {
  using test = await testGuest();
  const script = 'echo "args $*"; read -r l; echo "rest: $l"\nrest of stdin\nexit 9\n';
  assert.deepEqual(await test.run(["bash", "-s", "x", "y"], script), {
    code: 9,
    out: "args x y\nrest: rest of stdin\n",
    err: "",
  });
  assert.equal((await test.run(["sh"], "cat\nall the rest\n")).out, "all the rest\n");
  assert.equal((await test.run(["sh", "-s"], "head -c 4\nabcdefgh\necho on\n")).out, "abcdon\n");
  assert.equal(
    (await test.run(["sh", "-s"], "exit 5; )")).code,
    2,
    "a syntax error runs nothing of its line",
  );
  assert.equal((await test.run(["sh", "-s"], "echo first\nif")).out, "first\n");
});

Deno.test("shellProgram() runs commands of any length from standard input", async () => {
  using test = await testGuest();
  const lines = Array.from({ length: 300 }, (_, i) => `  echo ${i}`).join("\n");
  const big = btoa("0123456789".repeat(30_000)).replace(/.{76}/g, "$&\n");
  const script =
    `main() {\n${lines}\n}\nmain | tail -n 1\nbase64 -d <<'EOF' | wc -c\n${big}\nEOF\n` +
    `printf '%s' '${big}' | base64 -d | wc -c\necho done \\\n  too\n`;
  assert.equal((await test.run(["sh", "-s"], script)).out, "299\n300000\n300000\ndone too\n");
});

Deno.test("shellProgram() takes its options", async () => {
  using test = await testGuest();
  assert.equal((await test.run(["sh", "-euc", "false; echo never"])).code, 1);
  assert.equal((await test.run(["sh", "-c", 'echo "$0 $*"', "name", "a", "b"])).out, "name a b\n");
  assert.equal((await test.run(["bash", "-o", "errexit", "-c", "false; echo never"])).code, 1);
  assert.equal(
    (await test.run(["bash", "-lc", "echo $PATH"])).out,
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
  );
  assert.equal((await test.run(["sh", "-c"])).err, "sh: 0: -c requires an argument\n");
  assert.equal((await test.run(["sh", "-Z"])).err, "sh: 0: Illegal option -Z\n");
  assert.match((await test.run(["sh", "/nosuch"])).err, /cannot open \/nosuch: No such file/);
});

Deno.test("shellProgram() runs script files by their first line", async () => {
  using test = await testGuest();
  const write = (path: string, text: string) =>
    test.guest.write(path, new TextEncoder().encode(text), 0o755);
  await write("/usr/local/bin/one", "#!/bin/bash -e\nfalse\necho never\n");
  await write("/usr/local/bin/two", 'echo "$0 $1"\n');
  await write("/usr/local/bin/three", "#!/nosuch\n");
  await write("/usr/local/bin/four", "#!/usr/bin/env sh\necho four $#\n");
  assert.equal((await test.run(["one"])).code, 1);
  assert.equal((await test.run(["two", "x"])).out, "/usr/local/bin/two x\n");
  assert.equal((await test.run(["three"])).code, 127);
  assert.equal((await test.run("four a b")).out, "four 2\n");
});

Deno.test("shellProgram() takes bytes that are no text as they are", async () => {
  using test = await testGuest();
  const script = "x=$(cat); printf '%s' \"$x\" | wc -c";
  assert.equal(
    (await test.run(script, new Uint8Array([0xff, 0xfe, 0x80, 0xc3, 0xa4]))).out.trim().split("\n")
      .at(-1),
    "5",
  );
  const same = await test.run("x=$(cat); printf '%s' \"$x\"", new Uint8Array([0xff, 0xfe, 0x80]));
  assert.equal(same.out, "\xff\xfe\x80");
});
