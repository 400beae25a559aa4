import assert from "node:assert/strict";
import { differences } from "./compare.ts";

const OK = { status: 200, reason: "OK" };

function data(recorded: unknown, simulated: unknown): string[] {
  return differences({ ...OK, body: { data: recorded } }, { ...OK, body: { data: simulated } });
}

Deno.test("differences() finds nothing between what differs only where replies may", () => {
  assert.deepEqual(
    data(
      { vmid: 100, pid: 7, cpu: 0.1, digest: "a", uptime: 3 },
      { vmid: 100, pid: 9, cpu: 0.7, digest: "b", uptime: 5 },
    ),
    [],
  );
  assert.deepEqual(data([{ name: "a", mem: 1 }], [{ name: "a", mem: 2 }]), []);
});

Deno.test("differences() sees another status, another reason and another body", () => {
  assert.deepEqual(differences(reply("x"), { status: 500, reason: "OK", body: "x" }).length, 1);
  assert.deepEqual(differences(reply("x"), { ...OK, reason: "Fine", body: "x" }).length, 1);
  assert.deepEqual(differences(reply("x"), { ...OK, body: "y" }).length, 1);
  assert.deepEqual(differences(reply("x\nthen"), { ...OK, body: "x\nelse" }), []);
  assert.deepEqual(differences(reply(undefined), { ...OK, body: "y" }).length, 1);
});

function reply(body: unknown): { status: number; reason: string; body: unknown } {
  return { ...OK, body };
}

Deno.test("differences() wants the same keys with the same types", () => {
  assert.deepEqual(data({ pid: 7 }, {}), [".data.pid: missing"]);
  assert.deepEqual(data({}, { pid: 7 }), [".data.pid: not recorded"]);
  assert.deepEqual(data({ pid: 7 }, { pid: "7" })[0], ".data.pid: number ≠ string");
  assert.deepEqual(data({ pid: null }, { pid: 7 })[0], ".data.pid: null ≠ number");
  assert.notDeepEqual(data(null, []), []);
});

Deno.test("differences() wants the same values where they must not vary", () => {
  assert.deepEqual(data({ exitstatus: "OK" }, { exitstatus: "WARNINGS: 1" }).length, 1);
  assert.deepEqual(data("UPID:1", "UPID:2").length, 1);
  const error = (net0: string) => ({ ...OK, body: { data: null, errors: { net0 } } });
  assert.deepEqual(differences(error("a"), error("b")), ['.errors.net0: "a" ≠ "b"']);
});

Deno.test("differences() holds lists against each other by kind and by name", () => {
  assert.deepEqual(data([], [{ a: 1 }]).length, 2);
  assert.deepEqual(data([{ vmid: 1 }], [{ vmid: 2 }]), [".data[].vmid: 1 ≠ 2"]);
  assert.deepEqual(data([{ id: "lxc/1" }], [{ id: "lxc/1" }, { id: "node/a" }]).length, 1);
  assert.deepEqual(data([{ n: 1, t: "TASK OK" }], [{ n: 1, t: "TASK ERROR: x" }]).length, 1);
  // What only some recorded items have, a simulated one may have.
  assert.deepEqual(data([{ a: 1 }, { a: 1, b: 2 }], [{ a: 1 }, { a: 1, b: 3 }]), []);
});
