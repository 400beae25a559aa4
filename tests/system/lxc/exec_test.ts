import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";
import { sshWords } from "./node_ssh.ts";

const MIB = 1024 ** 2;

async function startOne(): Promise<LxcLab> {
  const lab = await startLxcLab("debian-13");
  const stdin = "container: { hostname: one, template: debian-13 }";
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin });
  assert.equal(status, 0, stderr);
  return lab;
}

/** Runs a command line on the node by OpenSSH's own client. */
async function onNode(lab: LxcLab, command: string, stdin: BodyInit = ""): Promise<RanOnNode> {
  const [program = "", ...words] = sshWords(lab);
  const child = new Deno.Command(program, {
    args: [...words, command],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    new Response(stdin).body?.pipeTo(child.stdin).catch(() => {}) ?? child.stdin.close(),
  ]);
  return { code, stdout, stderr };
}

interface RanOnNode {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

Deno.test("exec ends as the command does, with the environment of pct exec --keep-env 0", async () => {
  await using lab = await startOne();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  for (
    const [status, ...argv] of [
      [0, "true"],
      [1, "false"],
      [7, "sh", "-c", "echo out; echo err >&2; exit 7"],
      [126, "/etc/passwd"],
      [127, "no-such-command"],
      [143, "sh", "-c", "kill -TERM $$"],
    ] as const
  ) {
    const ours = await lab.run(["exec", "one", "--", ...argv]);
    assert.equal(ours.status, status, `${argv.join(" ")}: ${ours.stderr}`);
    const quoted = argv.map((word) => `'${word}'`).join(" ");
    const theirs = await onNode(lab, `pct exec 100 --keep-env 0 -- ${quoted}`);
    assert.deepEqual([theirs.code, text(theirs.stdout)], [status, ours.stdout]);
  }
  const lines = (out: string): string[] => out.trimEnd().split("\n").sort();
  const ours = await lab.run(["exec", "one", "--", "env"]);
  const theirs = await onNode(lab, "pct exec 100 --keep-env 0 -- env");
  assert.deepEqual(lines(ours.stdout), lines(text(theirs.stdout)));
});

Deno.test("exec passes 100 MB through a command's input and output as they are", async () => {
  await using lab = await startOne();
  const blocks = Array.from({ length: 4 }, () => randomBytes(MIB));
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 100; sent++) yield blocks[sent % blocks.length] ?? new Uint8Array();
  }
  const expected = createHash("sha256");
  for await (const block of source()) expected.update(block);
  const hash = expected.digest("hex");

  const received = createHash("sha256");
  const begun = performance.now();
  const { status, stderr } = await lab.run(["exec", "one", "--", "cat"], {
    stdin: source(),
    onBytes: (stream, bytes) => {
      if (stream === "out") received.update(bytes);
      return true;
    },
  });
  const ours = performance.now() - begun;
  assert.equal(status, 0, stderr);
  assert.equal(received.digest("hex"), hash);

  const since = performance.now();
  const bare = await onNode(
    lab,
    "lxc-attach -n 100 --clear-env -- cat",
    ReadableStream.from(source()),
  );
  const theirs = performance.now() - since;
  assert.equal(createHash("sha256").update(bare.stdout).digest("hex"), hash);
  console.log(
    `exec cat with 100 MB: ${(ours / 1000).toFixed(1)} s, ` +
      `${(ours / theirs).toFixed(1)} × ssh node lxc-attach … cat`,
  );
});

Deno.test("push keeps a mode with set-user-ID in an unprivileged container", async () => {
  await using lab = await startOne();
  const stdin = "#!/bin/true\n";
  const args = ["push", "one", "-", "/root/tool", "--mode", "4755", "--owner", "root:daemon"];
  const { status, stderr } = await lab.run(args, { stdin });
  assert.equal(status, 0, stderr);
  const seen = await lab.run(["exec", "one", "--", "stat", "-c", "%a %U:%G", "/root/tool"]);
  assert.equal(seen.stdout, "4755 root:daemon\n");
});
