import assert from "node:assert/strict";
import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import { applySteps } from "./apply.ts";
import type { SetupNode } from "./node.ts";
import { type NodeStep, nodeSteps, NOTHING } from "./steps.ts";

const steps = nodeSteps({ tokenName: "laptop", scope: { storages: [] } }, NOTHING, false);
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

function apply(
  node: SetupNode,
  options: Partial<Parameters<typeof applySteps>[2]> = {},
  which: readonly NodeStep[] = steps,
): Promise<void> {
  const { signal } = new AbortController();
  return applySteps(node, which, { signal, tell: () => {}, then: async () => {}, ...options });
}

Deno.test("applySteps() hands over the secret of the token that it makes", async () => {
  const { node, ran } = fakeNode();
  let seen = "";
  await apply(node, { then: (secret) => Promise.resolve(void (seen = secret?.reveal() ?? "")) });
  assert.equal(seen, "hunter2");
  assert.equal(ran.length, 4);
});

Deno.test("applySteps() takes back all, the last first, when what comes after them fails", async () => {
  const { node, ran } = fakeNode();
  const told: string[] = [];
  const error = new Error("the disk is full");
  const options = {
    then: () => Promise.reject(error),
    tell: (line: string) => void told.push(line),
  };
  assert.equal(await failure(apply(node, options)), error);
  assert.deepEqual(verbs(ran.slice(4)), [
    "pveum acl delete /",
    "pveum user token remove pxrun@pve laptop",
    "pveum user delete pxrun@pve",
    "pveum role delete PxrunUser",
  ]);
  assert.equal(told.filter((line) => /^undone: /.test(line)).length, 4);
});

Deno.test("applySteps() does not take back what the node has refused to do", async () => {
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

Deno.test("applySteps() takes back what may have been done when the connection was lost", async () => {
  const lost = new PxrunError("UNREACHABLE", "the connection was lost");
  const { node, ran } = fakeNode({
    "pveum user token add": lost,
    "pveum user token remove": new PxrunError("UNREACHABLE", "it is still lost"),
  });
  const told: string[] = [];
  assert.equal(await failure(apply(node, { tell: (line) => void told.push(line) })), lost);
  assert.ok(ran.includes("pveum user token remove pxrun@pve laptop"));
  assert.ok(
    told.includes(
      "not undone: make the token pxrun@pve!laptop (it is still lost); " +
        "on a node: pveum user token remove pxrun@pve laptop",
    ),
    told.join("\n"),
  );
});

Deno.test("applySteps() stops between two steps when it is interrupted", async () => {
  const { node, ran } = fakeNode();
  const controller = new AbortController();
  const reason = new Error("interrupted");
  const tell = (line: string): void => {
    if (/make the user/.test(line)) controller.abort(reason);
  };
  assert.equal(await failure(apply(node, { signal: controller.signal, tell })), reason);
  assert.deepEqual(verbs(ran), [
    ...made,
    "pveum user delete pxrun@pve",
    "pveum role delete PxrunUser",
  ]);
});

Deno.test("applySteps() never quotes what should have been a secret", async () => {
  const { node, ran } = fakeNode({ "pveum user token add": { stdout: '{"value": MARK' } });
  const error = await failure(apply(node));
  assert.ok(
    error instanceof PxrunError && !`${error.message}${error.stack}${error.cause}`.includes("MARK"),
  );
  assert.ok(ran.includes("pveum user token remove pxrun@pve laptop"));
});
