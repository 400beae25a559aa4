import assert from "node:assert/strict";
import { until } from "../../tests/support/until.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { enterAhead } from "./ahead.ts";

/** A node whose every command reads its standard input to the end and prints it. */
function echoing(): { ssh: SshTransport; commands: string[]; ended: string[] } {
  const commands: string[] = [];
  const ended: string[] = [];
  const exec = async (command: string, options: ExecOptions = {}): Promise<ExecResult> => {
    commands.push(command);
    const aborted = new Promise<never>((_, reject) =>
      options.signal?.addEventListener("abort", () => reject(options.signal?.reason))
    );
    const { stdin } = options;
    assert.ok(typeof stdin === "object" && Symbol.asyncIterator in stdin);
    const read = async (): Promise<void> => {
      for await (const chunk of stdin) {
        // As a shell does that runs what announces the rest.
        const [, id = ""] = /pxrun-out:%s: (\S+)/.exec(text(chunk)) ?? [];
        options.onStdout?.(new TextEncoder().encode(`pxrun-out:${id}:${text(chunk)}`));
      }
    };
    await Promise.race([read(), aborted]).finally(() => ended.push(command));
    return { code: 0, signal: undefined, stdout: new Uint8Array(), stderr: new Uint8Array() };
  };
  const close = (): Promise<void> => Promise.resolve();
  return { ssh: { exec, close, [Symbol.asyncDispose]: close }, commands, ended };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("enterAhead() enters the container before there is a script, and runs it then", async () => {
  const { ssh, commands } = echoing();
  const shell = enterAhead(ssh, 105, true);
  assert.deepEqual(commands, [
    "sh -c 'read -r go && exec sudo -n lxc-attach -n 105 --clear-env -- sh -s'",
  ]);
  assert.equal(shell.usable, true);
  const running = shell.run("echo hello\n", {});
  assert.equal(shell.usable, false);
  assert.match(text((await running).stdout), /^go\n[^\n]*\necho hello\n$/);

  const seen: string[] = [];
  const other = enterAhead(ssh, 105, false);
  await other.run("echo again\n", { onStdout: (chunk) => void seen.push(text(chunk)) });
  assert.match(seen.join(), /^go\n[^\n]*\necho again\n$/);
});

Deno.test("enterAhead() ends with the signal of what runs in it, and when nothing will", async () => {
  const { ssh, ended } = echoing();
  const reason = new Error("the user pressed Ctrl-C");
  const stopped = enterAhead(ssh, 105, false).run("sleep 60\n", {
    signal: AbortSignal.abort(reason),
  });
  await assert.rejects(stopped, reason);
  const left = enterAhead(ssh, 106, false);
  left.leave();
  left.leave();
  await Promise.resolve();
  assert.equal(left.usable, false);
  await until("both to end", () => ended.length === 2);
});

Deno.test("enterAhead() is not usable any more once its shell has ended", async () => {
  const lost = new Error("the connection was lost");
  const { ssh } = echoing();
  const shell = enterAhead({ ...ssh, exec: () => Promise.reject(lost) }, 105, false);
  await until("the shell to be given up", () => !shell.usable);
});
