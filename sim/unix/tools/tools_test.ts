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
    ["printf 'x\\n' >f; sed 's/x/y/' f; echo hello | sed -n 's/l/L/p'", "y\nheLlo\n"],
    [
      "mkdir -p d/e; touch d/x.txt; find d -name '*.txt'; find d -type d | sort",
      "d/x.txt\nd\nd/e\n",
    ],
    ["date -u -d @0 +%Y", "1970\n"],
    [
      "printf 'gr\\303\\274n\\n' | sed 's/gr/GR/'; printf '\\377x\\n' | grep -c x",
      "GR\xc3\xbcn\n1\n",
    ],
    ["sort /etc/nosuch; echo $?; sed -i s/w/v/ /etc/hostname; cat /etc/hostname", "1\nweb\n"],
  ];
  for (const [script, out] of cases) {
    using test = await testGuest();
    assert.equal((await test.run(`mkdir /tmp/w; cd /tmp/w; ${script}`)).out, out, script);
  }
});

Deno.test("the text tools leave standard input alone when they have files", async () => {
  using test = await testGuest();
  const script = "grep -c root /etc/passwd; sed -n 1p /etc/hostname; cat";
  assert.equal((await test.run(script, "rest\n")).out, "1\nweb\nrest\n");
  assert.equal((await test.run("grep -e r -; sort -", "rest\n")).out, "rest\n");
});
