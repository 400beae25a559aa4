/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { runCell } from "./cells.ts";
import { kindOf } from "./kinds.ts";
import type { Order, Result } from "./matrix.ts";

/** A thread that runs cells: one for each message, and one message back for each. */
self.addEventListener("message", async ({ data }: MessageEvent<Order>) => {
  const { index, row, kind } = data;
  const result: Result = { index, ...await runCell({ row, kind: kindOf(kind) }) };
  self.postMessage(result);
});
