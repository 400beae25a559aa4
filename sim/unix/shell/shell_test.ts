import assert from "node:assert/strict";
import { ALPINE, DEBIAN, testGuest } from "../../tests/unix.ts";
import { DASH_CASES } from "../../tests/dash_cases.ts";

Deno.test("shellProgram() runs scripts as dash does", async () => {
  using test = await testGuest();
  for (const [index, [script, code, out, err = ""]] of DASH_CASES.entries()) {
    const ran = await test.run(`mkdir /tmp/${index}; cd /tmp/${index}; ${script}`);
    assert.deepEqual(ran, { code, out, err }, script);
  }
});

Deno.test("shellProgram() knows bash's own words", async () => {
  const cases: readonly (readonly [script: string, out: string])[] = [
    ["[[ abc == a* && -n x ]] && echo m; [[ abc =~ ^a.c$ || x ]] && echo re", "m\nre\n"],
    ["[[ ! -f /nosuch && ( 1 -lt 2 ) ]] && echo y; [[ a != b ]]; echo $?", "y\n0\n"],
    [
      "[[ -v nosuch ]] || echo unset; x=; [[ -v x ]] && echo set; [[ 2 -gt 1+2 ]]; echo $?",
      "unset\nset\n1\n",
    ],
    ["echo {1..3} {a,b}c {c..a} {1..5..2}", "1 2 3 ac bc c b a 1 3 5\n"],
    [
      "x=hello; echo ${x:1:3} ${x: -2} ${x/l/L} ${x//l/L} ${x/#h/J} ${x/%o/0}",
      "ell lo heLlo heLLo Jello hell0\n",
    ],
    ["x=hello; echo ${x^^} ${x^} ${x,,}; y=x; echo ${!y}", "HELLO Hello hello\nhello\n"],
    ['read -r a b <<< "x y z"; echo "$b"', "y z\n"],
    ["((x=3+4)); echo $x; for ((i=0; i<3; i++)); do echo $i; done", "7\n0\n1\n2\n"],
    ["set -o pipefail; false | true; echo $?", "1\n"],
    ["echo -e 'a\\tb'; echo -E 'a\\tb'", "a\tb\na\\tb\n"],
    ["function g { echo g; }; g; f() { declare v=1; echo $v; }; f; echo ${v-none}", "g\n1\nnone\n"],
    ["nosuch &>/dev/null; echo $?", "127\n"],
    ["x=1; x+=2; echo $x; echo a |& cat", "12\na\n"],
    [
      "echo $((2**10)) $((7/2)) $((-7%3)) $((1<<4|1)) $((~0)) $((1?2:3)) $((i++ + ++i))",
      "1024 3 -1 17 -1 2 2\n",
    ],
    [
      "x=abc; case $x in a*) echo 1;;& *c) echo 2;; esac; case a in a) echo 3;& b) echo 4;; esac",
      "1\n2\n3\n4\n",
    ],
    [
      "type cd test nosuch; builtin echo b; typeset -x E=1; env | grep ^E=",
      "cd is a shell builtin\ntest is a shell builtin\nnosuch: not found\nb\nE=1\n",
    ],
    ["source /etc/os-release; echo $ID; shopt -s nullglob; hash ls", "debian\n"],
    ["printf '%q\\n' 'a b' plain", "'a b'\nplain\n"],
    ["echo ~root ~nosuch", "/root ~nosuch\n"],
  ];
  using test = await testGuest();
  for (const [script, out] of cases) {
    assert.equal((await test.run(["bash", "-c", script])).out, out, script);
  }
});

Deno.test("shellProgram() words errors as each shell does", async () => {
  const cases = {
    sh: [
      ["nosuch", 127, "sh: 1: nosuch: not found\n"],
      ["/no/such", 127, "sh: 1: /no/such: not found\n"],
      ["/etc/passwd", 126, "sh: 1: /etc/passwd: Permission denied\n"],
      ["set -u; echo $nope; echo never", 2, "sh: 1: nope: parameter not set\n"],
      ["echo ${nope?gone}", 2, "sh: 1: nope: gone\n"],
      ["cd /nosuch", 2, "sh: 1: cd: can't cd to /nosuch\n"],
      ["cat </nosuch; echo $? >&2", 0, "sh: 1: cannot open /nosuch: No such file\n2\n"],
      ["echo >/no/such", 2, "sh: 1: cannot create /no/such: Directory nonexistent\n"],
      ["echo >/etc", 2, "sh: 1: cannot create /etc: Is a directory\n"],
      ["echo >&9", 2, "sh: 1: 9: Bad file descriptor\n"],
      ["kill -9 x$$", 2, undefined],
      ["readonly a=1; a=2; echo never", 2, "sh: 1: a: is read only\n"],
      ["shift 3; echo never", 2, "sh: 1: shift: can't shift that many\n"],
      ["exit nope", 2, "sh: 1: exit: Illegal number: nope\n"],
      [". /nosuch; echo never", 2, "sh: 1: .: cannot open /nosuch: No such file\n"],
      ["echo $((1/0)); echo never", 2, "sh: 1: division by zero\n"],
      ["[[ a ]]; source /x", 127, "sh: 1: [[: not found\nsh: 1: source: not found\n"],
      ["if true; then", 2, undefined],
      [
        "eval 'if'; echo never",
        2,
        "sh: 1: eval: Syntax error: Expected THEN, got EOF\n",
      ],
      ["f() { f; }; f", 2, "sh: 1: Maximum function recursion depth (1000) reached\n"],
      ["x='@'; echo $((x))", 2, undefined],
      ["( eval ')' ); echo on >&2", 0, undefined],
      ["[ 1 -eq x ]", 2, "sh: 1: [: Illegal number: x\n"],
      ["[ a b c ]", 2, "sh: 1: [: b: unexpected operator\n"],
      ["export 1a=b", 2, "sh: 1: export: 1a: bad variable name\n"],
    ],
    bash: [
      ["nosuch", 127, "bash: line 1: nosuch: command not found\n"],
      ["/no/such", 127, "bash: line 1: /no/such: No such file or directory\n"],
      ["/etc", 126, "bash: line 1: /etc: Is a directory\n"],
      ["cd /nosuch; echo on >&2", 0, "bash: line 1: cd: /nosuch: No such file or directory\non\n"],
      ["cat </nosuch", 1, "bash: line 1: /nosuch: No such file or directory\n"],
      ["exec 3</nosuch; echo on >&2", 0, "bash: line 1: /nosuch: No such file or directory\non\n"],
      ["true\ntrue\nnosuch", 127, "bash: line 3: nosuch: command not found\n"],
      ["a=(1 2); echo never", 2, "bash: line 1: arrays are not part of the simulated shell\n"],
      [
        "cat <(echo x)",
        2,
        "bash: line 1: process substitution is not part of the simulated shell\n",
      ],
      ["set -u; echo $nope", 1, "bash: line 1: nope: unbound variable\n"],
      ["sh -c 'kill -9 $$'; true", 0, undefined],
    ],
  } as const;
  using test = await testGuest();
  for (const [shell, list] of Object.entries(cases)) {
    for (const [script, code, err] of list) {
      const ran = await test.run([shell, "-c", script]);
      assert.equal(ran.code, code, script);
      if (err !== undefined) assert.equal(ran.err, err, script);
      else assert.notEqual(ran.err, "", script);
    }
  }
  using alpine = await testGuest(ALPINE);
  assert.equal((await alpine.run("cat </nosuch")).err, "sh: can't open /nosuch: no such file\n");
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
  assert.equal((await test.run(["sh", "-x", "-c", "echo a b"])).err, "+ echo a b\n");
  assert.equal((await test.run(["sh", "-n", "-c", "echo never"])).out, "");
  assert.equal(
    (await test.run(["bash", "-lc", "echo $PATH"])).out,
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
  );
  assert.deepEqual(await test.run(["sh", "-c"]), {
    code: 2,
    out: "",
    err: "sh: 0: -c requires an argument\n",
  });
  assert.equal((await test.run(["sh", "--nosuch"])).code, 2);
  assert.equal((await test.run(["sh", "-Z"])).err, "sh: 0: Illegal option -Z\n");
  assert.deepEqual(await test.run(["sh", "/nosuch"]), {
    code: 2,
    out: "",
    err: "sh: 0: cannot open /nosuch: No such file\n",
  });
  assert.equal((await test.run(["bash", "/nosuch"])).code, 127);
});

Deno.test("shellProgram() takes words that look like assignments as patterns and in lists", async () => {
  using test = await testGuest();
  const script = `for w in a=b c d=e; do case $w in
  a=*) echo "first $w" ;;
  x=y | d=[a-f]) echo "second $w" ;;
  *) echo other ;;
esac; done`;
  assert.equal((await test.run(script)).out, "first a=b\nother\nsecond d=e\n");
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

Deno.test("shellProgram() runs background commands at the same time", async () => {
  using test = await testGuest();
  // Each goes on once the one begun after it has.
  const ran = await test.run(
    "for i in 1 2 3 4; do (until [ -e /run/$((i + 1)) ]; do sleep 0.01; done; touch /run/$i) & done; " +
      "touch /run/5; wait; ls /run/1 && echo done; jobs",
  );
  assert.equal(ran.out, "/run/1\ndone\n");
  assert.equal((await test.run("sleep 60 & kill $!; wait $!; echo $?")).out, "143\n");
  assert.equal((await test.run("wait 99999; echo $?")).out, "127\n");
});

Deno.test("shellProgram() answers trapped signals", async () => {
  using test = await testGuest();
  const cleaned =
    "trap 'echo cleaned; exit 9' TERM; sleep 60 & (sleep 0.05; kill $$) & wait; echo never";
  assert.deepEqual(await test.run(cleaned), { code: 9, out: "cleaned\n", err: "" });
  assert.equal(
    (await test.run("trap 'echo got' USR1; kill -USR1 $$; echo on; trap - USR1")).out,
    "got\non\n",
  );
  assert.equal(
    (await test.run("trap 'echo a' EXIT; trap; trap - EXIT; echo b")).out,
    "trap -- 'echo a' EXIT\nb\n",
  );
  assert.equal((await test.run("trap '' TERM; sh -c 'kill $$; echo alive'")).out, "alive\n");
  assert.equal((await test.run("trap 'echo x' NOSUCH")).code, 1);
  assert.equal((await test.run("kill -l")).out.split(" ")[0], "HUP");
  assert.equal((await test.run("kill -s NOSUCH 1")).code, 2);
});

Deno.test("shellProgram() never starves others, and dies of a pipe that nobody reads", async () => {
  using test = await testGuest();
  const spinning = test.run("while :; do :; done");
  assert.equal((await test.run("yes | head -n 1; pkill sh")).out, "y\n");
  assert.equal((await spinning).code, 143);
});

Deno.test("shellProgram() takes bytes that are no text as they are", async () => {
  using test = await testGuest(DEBIAN);
  const script = "x=$(cat); printf '%s' \"$x\" | od -An -tx1; echo ${#x}";
  assert.equal(
    (await test.run(script, new Uint8Array([0xff, 0xfe, 0x80, 0xc3, 0xa4]))).out.trim().split("\n")
      .at(-1),
    "5",
  );
  const same = await test.run("x=$(cat); printf '%s' \"$x\"", new Uint8Array([0xff, 0xfe, 0x80]));
  assert.equal(same.out, "\xff\xfe\x80");
});
