import assert from "node:assert/strict";
import { instantClock } from "../../tests/support/scripted_rest.ts";
import { systemClock } from "../host/clock.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { startInGuest } from "./command.ts";

/** A container whose command runs until its channel closes, and where ending it prints this. */
function node(complaint: string): SshTransport {
  const exec = async (command: string, options: ExecOptions = {}): Promise<ExecResult> => {
    const [id] = /pxrun-exec-[0-9a-f-]+/.exec(command) ?? /(?<=pxrun-out:%s: )\S+/.exec(
      String(options.stdin),
    ) ?? [];
    options.onBegun?.();
    options.onStderr?.(new TextEncoder().encode(`pxrun-err:${id}:`));
    options.onStdout?.(new TextEncoder().encode(`pxrun-out:${id}:`));
    if (command.includes("pxrun-exec-")) {
      await new Promise((_, reject) => {
        options.signal?.addEventListener("abort", () => reject(options.signal?.reason));
      });
    }
    options.onStderr?.(new TextEncoder().encode(complaint));
    const none = new Uint8Array();
    return { code: complaint === "" ? 0 : 1, signal: undefined, stdout: none, stderr: none };
  };
  const close = (): Promise<void> => Promise.resolve();
  return { exec, close, [Symbol.asyncDispose]: close };
}

Deno.test("startInGuest() rejects with the reason once the command was ended", async () => {
  const control = new AbortController();
  const reason = new Error("enough");
  const { ended } = startInGuest(node(""), 105, ["sleep", "60"], {
    clock: systemClock,
    signal: control.signal,
  });
  control.abort(reason);
  await assert.rejects(ended, reason);
});

Deno.test("startInGuest() says why a command may still run", async () => {
  const control = new AbortController();
  const { ended } = startInGuest(node("cannot end: 7"), 105, ["sleep", "60"], {
    clock: systemClock,
    signal: control.signal,
  });
  control.abort(new Error("enough"));
  await assert.rejects(ended, {
    code: "FAILED",
    message: "the command in 105 may still run: cannot end: 7",
  });
});

Deno.test("kill() waits longer for a command that the node has come to than for one it has not", async () => {
  for (const [reached, patience] of [[false, 1_000], [true, 5_000]] as const) {
    const silent: SshTransport = {
      ...node(""),
      exec: (_, options = {}) =>
        new Promise((_, reject) => {
          if (reached) options.onBegun?.();
          options.signal?.addEventListener("abort", () => reject(options.signal?.reason));
        }),
    };
    const clock = instantClock();
    const { ended, kill } = startInGuest(silent, 105, ["sleep", "60"], { clock });
    await kill("TERM");
    await assert.rejects(ended, { code: "INTERRUPTED" });
    assert.deepEqual(clock.sleeps, [patience]);
  }
});
