import assert from "node:assert/strict";
import { commandLine } from "../core/argv.ts";
import { systemClock } from "../host/clock.ts";
import { PxrunError } from "../core/errors.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import type { NodeCommand } from "../actions/node_command.ts";
import type { Event } from "../run/event.ts";
import { setUpNode } from "./apply.ts";
import type { SetupNode } from "./node.ts";
import { NOTHING, setupActions } from "./steps.ts";

const actions = setupActions({ tokenName: "laptop", scope: { storages: [] } }, NOTHING, false);
const secret = { value: "hunter2" };

interface Answer {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A node that answers to some commands as told, and well to all others. */
function fakeNode(answers: Readonly<Record<string, Answer | Error>> = {}): {
  node: SetupNode;
  ran: string[];
} {
  const ran: string[] = [];
  const bytes = (text = ""): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const run = (argv: readonly string[]): Promise<ExecResult> => {
    const line = commandLine(argv);
    ran.push(line);
    const found = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1];
    if (found instanceof Error) return Promise.reject(found);
    const usual = /token add/.test(line) ? JSON.stringify(secret) : "";
    return Promise.resolve({
      code: found?.code ?? 0,
      signal: undefined,
      stdout: bytes(found?.stdout ?? usual),
      stderr: bytes(found?.stderr),
    });
  };
  const close = (): Promise<void> => Promise.resolve();
  return {
    ran,
    node: { place: "root@pve", user: "root", run, runAsUser: run, [Symbol.asyncDispose]: close },
  };
}

/** What was run from a point on, by its verb. */
function verbs(ran: readonly string[]): string[] {
  return ran.map((line) => line.split(" --", 1)[0] ?? "");
}

const made = ["pveum role add PxrunUser", "pveum user add pxrun@pve"];

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => assert.fail("it should have failed"), (error) => error);
}

interface Options extends Partial<Parameters<typeof setUpNode>[2]> {
  readonly onEvent?: (event: Event) => void;
}

async function apply(
  node: SetupNode,
  { onEvent, ...options }: Options = {},
  which: readonly NodeCommand[] = actions,
): Promise<void> {
  const { signal } = new AbortController();
  const all = { signal, clock: systemClock, then: async () => {}, ...options };
  for await (const event of setUpNode(node, which, all)) onEvent?.(event);
}

Deno.test("setUpNode() hands over the secret of the token that it makes", async () => {
  const { node, ran } = fakeNode();
  let seen = "";
  await apply(node, { then: (secret) => Promise.resolve(void (seen = secret?.reveal() ?? "")) });
  assert.equal(seen, "hunter2");
  assert.equal(ran.length, 4);
});

Deno.test("setUpNode() undoes all, the last first, when what comes after them fails", async () => {
  const { node, ran } = fakeNode();
  let undone = 0;
  const error = new Error("the disk is full");
  const options = {
    then: () => Promise.reject(error),
    onEvent: (event: Event) => {
      if (event.type === "step-done" && event.step === "undo") undone++;
    },
  };
  assert.equal(await failure(apply(node, options)), error);
  assert.deepEqual(verbs(ran.slice(4)), [
    "pveum acl delete /",
    "pveum user token remove pxrun@pve laptop",
    "pveum user delete pxrun@pve",
    "pveum role delete PxrunUser",
  ]);
  assert.equal(undone, 4);
});

Deno.test("setUpNode() does not undo what the node has refused to do", async () => {
  const { node, ran } = fakeNode({
    "pveum user token add": {
      code: 255,
      stderr: "400 Parameter verification failed.\ntokenid: Token already exists.\n" +
        "pveum user token add <userid> <tokenid> [OPTIONS]\n",
    },
  });
  const error = await failure(apply(node));
  assert.ok(error instanceof PxrunError);
  assert.match(error.message, /verification failed\. tokenid: Token already exists\.$/);
  assert.deepEqual(verbs(ran), [
    ...made,
    "pveum user token add pxrun@pve laptop",
    "pveum user delete pxrun@pve",
    "pveum role delete PxrunUser",
  ]);
});

Deno.test("setUpNode() undoes what may have been done when the connection was lost", async () => {
  const lost = new PxrunError("UNREACHABLE", "the connection was lost");
  const { node, ran } = fakeNode({
    "pveum user token add": lost,
    "pveum user token remove": new PxrunError("UNREACHABLE", "it is still lost"),
  });
  const warnings: string[] = [];
  const onEvent = (event: Event): void => {
    if (event.type === "warning") warnings.push(event.message);
  };
  assert.equal(await failure(apply(node, { onEvent })), lost);
  assert.ok(ran.includes("pveum user token remove pxrun@pve laptop"));
  assert.deepEqual(warnings, [
    "could not undo: make the token pxrun@pve!laptop: it is still lost; " +
    "later: on a node: pveum user token remove pxrun@pve laptop",
  ]);
});

Deno.test("setUpNode() stops between two steps when it is interrupted", async () => {
  const { node, ran } = fakeNode();
  const controller = new AbortController();
  const reason = new Error("interrupted");
  const onEvent = (event: Event): void => {
    if (event.type === "step-done" && event.step === "user") controller.abort(reason);
  };
  assert.equal(await failure(apply(node, { signal: controller.signal, onEvent })), reason);
  assert.deepEqual(verbs(ran), [
    ...made,
    "pveum user delete pxrun@pve",
    "pveum role delete PxrunUser",
  ]);
});

Deno.test("setUpNode() never quotes what should have been a secret", async () => {
  const { node, ran } = fakeNode({ "pveum user token add": { stdout: '{"value": MARK' } });
  const error = await failure(apply(node));
  assert.ok(
    error instanceof PxrunError && !`${error.message}${error.stack}${error.cause}`.includes("MARK"),
  );
  assert.ok(ran.includes("pveum user token remove pxrun@pve laptop"));
});
