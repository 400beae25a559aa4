import assert from "node:assert/strict";
import { Queue } from "./queue.ts";

Deno.test("Queue gives out what was put in, before and while it is read", async () => {
  const queue = new Queue<number>();
  queue.push(1);
  queue.push(2);
  const read = Array.fromAsync(queue);
  await Promise.resolve();
  queue.push(3);
  setTimeout(() => {
    queue.push(4);
    queue.end();
  }, 0);
  assert.deepEqual(await read, [1, 2, 3, 4]);
});

Deno.test("Queue ends at once when it ended empty", async () => {
  const queue = new Queue<number>();
  queue.end();
  assert.deepEqual(await Array.fromAsync(queue), []);
});
