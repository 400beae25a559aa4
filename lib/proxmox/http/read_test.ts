import assert from "node:assert/strict";
import { ProxmoxError } from "./errors.ts";
import { Fields, readList, readUpid } from "./read.ts";

const unexpected = (pattern: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof ProxmoxError);
  assert.match(error.message, pattern);
  return true;
};

Deno.test("Fields brings Proxmox's spellings of numbers to one", () => {
  const fields = new Fields({ a: 5, b: "5", c: "0.5", d: null, e: 0 }, "x");
  assert.deepEqual(["a", "b", "c", "d", "e", "f"].map((name) => fields.optionalNumber(name)), [
    5,
    5,
    0.5,
    undefined,
    0,
    undefined,
  ]);
  for (const value of ["", " ", "5x", true, [], {}, "Infinity"]) {
    assert.throws(
      () => new Fields({ a: value }, "/x").optionalNumber("a"),
      unexpected(/^unexpected reply: a of \/x should be a number, not /),
    );
  }
  assert.throws(() => fields.number("f"), unexpected(/should be a number, not nothing/));
});

Deno.test("Fields brings Proxmox's spellings of yes and no to one", () => {
  const row = { a: 1, b: "1", c: true, d: 0, e: "0", f: false, g: "", h: null };
  const fields = new Fields(row, "x");
  assert.deepEqual(fields.names().map((name) => fields.flag(name)), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.equal(fields.flag("h"), false);
  assert.equal(fields.flag("absent"), false);
  assert.throws(() => new Fields({ a: "yes" }, "x").flag("a"), unexpected(/should be 1 or 0/));
});

Deno.test("Fields reads texts, and numbers as texts: a hostname may be all digits", () => {
  const fields = new Fields({ name: 123, empty: "", gone: null, bad: [] }, "x");
  assert.equal(fields.text("name"), "123");
  assert.equal(fields.text("empty"), "");
  assert.equal(fields.optionalText("gone"), undefined);
  assert.throws(() => fields.text("gone"), unexpected(/should be a text/));
  assert.throws(() => fields.text("bad"), unexpected(/should be a text, not \[\]/));
});

Deno.test("Fields refuses what is not an object, readList() what is not a list", () => {
  for (const value of [null, undefined, [], "x", 1]) {
    assert.throws(() => new Fields(value, "/x"), unexpected(/\/x should be an object/));
  }
  for (const value of [null, {}, "x"]) {
    assert.throws(() => readList(value, "/x", (row) => row), unexpected(/\/x should be a list/));
  }
  assert.throws(() => readList([1], "/x", (row) => row), unexpected(/an entry of \/x/));
});

Deno.test("Fields reads objects and lists within", () => {
  const fields = new Fields({ a: { n: "1" }, b: [{ n: 2 }] }, "x");
  assert.equal(fields.fields("a").number("n"), 1);
  assert.deepEqual(fields.optionalList("b", (row) => row.number("n")), [2]);
  assert.equal(fields.optionalList("c", (row) => row), undefined);
  assert.throws(() => fields.fields("b").number("n"), unexpected(/b of x should be an object/));
});

Deno.test("readUpid() refuses a reply that is no UPID", () => {
  assert.equal(readUpid("UPID:vm:x:", "/x"), "UPID:vm:x:");
  for (const value of [null, "OK", 5]) {
    assert.throws(() => readUpid(value, "/x"), unexpected(/\/x should be a UPID/));
  }
});

Deno.test("Fields.node() takes no name that a command would take for an option or for more", () => {
  for (const node of ["-oProxyCommand=id", "a b", "a;id", "", "a/../b", "a\u001b[2J", "$(id)"]) {
    assert.throws(() => new Fields({ node }, "a node").node(), { code: "FAILED" });
  }
  assert.equal(new Fields({ node: "pve-01" }, "a node").node(), "pve-01");
});

Deno.test("readUpid() takes nothing that a shell would take apart", () => {
  const upid = "UPID:pve01:0000ABCD:00012345:6B039D73:vzcreate:105:root@pam!a-b:";
  assert.equal(readUpid(upid, "a task"), upid);
  for (const end of ["$(id)", " x", ";id", "\n"]) {
    assert.throws(() => readUpid(upid + end, "a task"));
  }
});
