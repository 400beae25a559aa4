import assert from "node:assert/strict";
import { testGuest } from "../../tests/unix.ts";

Deno.test("the text tools work on the guest's files and streams", async () => {
  const cases: readonly (readonly [script: string, out: string])[] = [
    ["printf 'b 2\\na 10\\n' | sort -k2n; printf 'a\\na\\n' | sort -u", "b 2\na 10\na\n"],
    [
      "printf 'a=1\\nb=2\\n' | grep -E '^(a|c)='; grep -c . /etc/hostname; grep -s x /nosuch; echo x | grep -qs x && echo y",
      "a=1\n1\ny\n",
    ],
    [
      "printf 'a\\nb.c\\nbxc\\n' >g; grep -e ^a -e 'c$' g | wc -l; grep -xF -e b.c -e x g; grep -vE -e '^a' -e 'x' g; grep -c -F -- a g",
      "3\nb.c\nb.c\n1\n",
    ],
    [
      "printf 'ab\\na(b\\nc\\n' >g; grep -e '^ab$' -e '^z$' g; grep -v -e '^ab$' -e '^a(b$' g; grep -e 'a\\(b\\)' -e '[(]c' g",
      "ab\nc\nab\n",
    ],
    ["printf 'x\\n' >f; sed -i 's/x/y/' f; cat f; echo hello | sed -n 's/l/L/p'", "y\nheLlo\n"],
    [
      "printf 'a b\\nc d\\n' | awk '{print $2, NR}'; awk -F: '$3==0 {print $1}' /etc/passwd",
      "b 1\nd 2\nroot\n",
    ],
    [
      "mkdir -p d/e; touch d/x.txt; find d -name '*.txt'; find d -type d | sort",
      "d/x.txt\nd\nd/e\n",
    ],
    [
      "echo a:b | cut -d: -f2; seq 3 | tac | paste -s -d, -; basename /a/b.txt .txt; dirname /a/b",
      "b\n3,2,1\nb\n/a\n",
    ],
    ["date -u -d @0 +%Y; expr 1 + 2; printf 'a\\tb\\n' | expand -t 4", "1970\n3\na   b\n"],
    ["while read -r w; do basename $w; done <<'E'\n/a/b\n/c/d\nE", "b\nd\n"],
    [
      "printf z | gzip | gunzip; mkdir t; echo q >t/q; ln -s q t/l; tar cf t.tar t; tar tf t.tar | sort; rm -r t; tar xf t.tar; cat t/l; find t -type f -delete; ls t | wc -l",
      "zt/\nt/l\nt/q\nq\n0\n",
    ],
    [
      "printf 'gr\\303\\274n\\n' | sed 's/gr/GR/'; printf '\\377x\\n' | grep -c x",
      "GR\xc3\xbcn\n1\n",
    ],
    ["sort /etc/nosuch; echo $?; diff /etc/hostname /etc/hostname; echo $?", "1\n0\n"],
    [
      "printf 'a1\\0b' | tr '\\0' ' '; echo HeLLo | tr A-Z a-z; echo 'a  b' | tr -s ' '; echo ab12 | tr -cd '0-9\\n'; echo ab | tr '[:lower:]' '[:upper:]'",
      "a1 bhello\na b\n12\nAB\n",
    ],
    ["printf 'a\\tb' | tr '\\t' '\\n'; echo; tr x; tr; echo $?", "a\nb\n1\n"],
    [
      "printf 'ab\\n' | od -An -tx1; printf 'a\\n\\377' | od -c; printf abc | od -A d -t u1 -j 1 -N 1; od -t x9 </dev/null || echo bad; od nosuch || echo none",
      " 61 62 0a\n0000000   a  \\n 377\n0000003\n0000001  98\n0000002\nbad\nnone\n",
    ],
  ];
  for (const [script, out] of cases) {
    using test = await testGuest();
    assert.equal((await test.run(`mkdir /tmp/w; cd /tmp/w; ${script}`)).out, out, script);
  }
});

Deno.test("the text tools leave standard input alone when they have files", async () => {
  using test = await testGuest();
  const script =
    "grep -c root /etc/passwd; sed -n 1p /etc/hostname; awk '{print}' /etc/hostname; cat";
  assert.equal((await test.run(script, "rest\n")).out, "1\nweb\nweb\nrest\n");
  assert.equal((await test.run("grep -e r -; sort -", "rest\n")).out, "rest\n");
});

Deno.test("the text tools end with the process they run in", async () => {
  using test = await testGuest();
  assert.equal(
    (await test.run(
      "until [ -e /tmp/go ]; do sleep 0.01; done | { timeout 0.05 sort; echo $?; touch /tmp/go; }",
    )).out,
    "124\n",
  );
});
