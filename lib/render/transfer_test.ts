import assert from "node:assert/strict";
import { transferLine, transferredText } from "./transfer.ts";
import { width } from "./width.ts";

const MiB = 2 ** 20;
const half = { bytes: 30 * MiB, total: 60 * MiB, ms: 1_500 };

Deno.test("transferLine() shows a bar, bytes, rate and how long it still takes", () => {
  assert.equal(
    transferLine(half, 80),
    `${"█".repeat(15)}${"░".repeat(15)}  50%  30 MiB/60 MiB  20 MiB/s  ETA 1.5 s`,
  );
});

Deno.test("transferLine() knows no end of a stream, and keeps within a narrow terminal", () => {
  assert.equal(transferLine({ ...half, total: undefined }, 80), "30 MiB  20 MiB/s  1.5 s");
  assert.equal(transferLine(half, 40), "50%  30 MiB/60 MiB  20 MiB/s  ETA 1.5 s");
  for (let columns = 60; columns < 90; columns++) {
    assert.ok(width(transferLine(half, columns)) < columns);
  }
  assert.match(transferLine({ bytes: 0, total: 0, ms: 0 }, 80), /100%/);
  assert.match(transferLine({ bytes: 99, total: 10, ms: 1 }, 80), /^█+ {2}100%/);
});

Deno.test("transferredText() says how much, how long and where", () => {
  const text = transferredText({ bytes: 60 * MiB, ms: 3_000 }, "web-1:/root/big.bin");
  assert.equal(text, "60 MiB in 3.0 s → web-1:/root/big.bin");
});
