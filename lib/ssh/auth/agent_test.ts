import assert from "node:assert/strict";
import { createServer } from "node:net";
import { until } from "../../../tests/support/until.ts";
import { listOtherAgentKeys } from "./agent.ts";

/** Strings as an agent writes them. */
function strings(...parts: readonly Uint8Array[]): number[] {
  return parts.flatMap((part) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length);
    return [...length, ...part];
  });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Lists the other keys of an agent that answers with these bytes, in pieces. */
async function list(answer: Uint8Array): Promise<string[]> {
  const directory = await Deno.makeTempDir();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      socket.write(answer.subarray(0, 3));
      socket.end(answer.subarray(3));
    });
  });
  await new Promise<void>((resolve) => server.listen(`${directory}/agent.sock`, () => resolve()));
  try {
    return await listOtherAgentKeys(`${directory}/agent.sock`);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("listOtherAgentKeys() names hardware keys and certificates, and no other key", async () => {
  const keys = ["ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ssh-rsa-cert-v01@openssh.com"];
  const message = [
    12,
    ...[0, 0, 0, 3],
    ...keys.flatMap((type, index) =>
      strings(new Uint8Array([...strings(bytes(type)), 0]), bytes(`comment ${index}`))
    ),
  ];
  assert.deepEqual(await list(new Uint8Array(strings(new Uint8Array(message)))), [
    "sk-ssh-ed25519@openssh.com comment 1",
    "ssh-rsa-cert-v01@openssh.com comment 2",
  ]);
});

Deno.test("listOtherAgentKeys() makes nothing of an answer that is none", async () => {
  for (const answer of [[0, 0, 0, 1, 5], [0, 0, 0, 5, 12, 0, 0, 0, 9], [], [0, 0]]) {
    assert.deepEqual(await list(new Uint8Array(answer)), []);
  }
  assert.deepEqual(await listOtherAgentKeys("/nonexistent/agent.sock"), []);
});

Deno.test("listOtherAgentKeys() closes its connection once it has the answer, even an empty one", async () => {
  const directory = await Deno.makeTempDir();
  let ended = false;
  let answer = new Uint8Array([0, 0, 0, 5, 12, 0, 0, 0, 0]);
  const left = new AbortController();
  const server = createServer((socket) => {
    left.signal.addEventListener("abort", () => socket.destroy());
    socket.on("end", () => ended = true);
    socket.on("data", () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(`${directory}/agent.sock`, () => resolve()));
  try {
    assert.deepEqual(await listOtherAgentKeys(`${directory}/agent.sock`), []);
    await until("the end of the connection", () => ended);
    answer = new Uint8Array(4);
    assert.deepEqual(await listOtherAgentKeys(`${directory}/agent.sock`), []);
  } finally {
    left.abort();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await Deno.remove(directory, { recursive: true });
  }
});
