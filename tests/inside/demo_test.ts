import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Platform } from "../../lib/core/platform.ts";
import { alone } from "../support/alone.ts";
import { testPlatform } from "../support/platform.ts";

const root = join(import.meta.dirname ?? ".", "..", "..");

/** What the user has set for a cluster of their own. */
const elsewhere = {
  PROXMOX_VERIFY_SSL: "false",
  PROXMOX_USER: "me@pam",
  PROXMOX_PASSWORD: "secret",
  PXRUN_CONTEXT: "office",
  SSH_USER: "admin",
  TAILSCALE_API_KEY: "tskey-api-x",
  HTTPS_PROXY: "http://127.0.0.1:9",
};

Deno.test("pxrun demo shows plan, progress, address, list and destroy, and leaves no file", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", join(root, "main.ts"), "demo"],
      stdin: "null",
      ...alone({ TMPDIR: directory, NO_COLOR: "1", ...elsewhere }),
    }).output();
    const out = new TextDecoder().decode(stdout);
    const err = new TextDecoder().decode(stderr);
    assert.equal(code, 0, err);
    for (
      const said of [
        /^demo-web: container 100 on pve0\d, from local:vztmpl\/debian-13/m,
        /^✓ address 10\.77\.0\.\d+ /m,
        /^✓ packages nginx, curl /m,
        /^✓ destroyed container 100 /m,
      ]
    ) assert.match(err, said);
    assert.match(out, /demo-web is container 100/);
    assert.match(out, /^ 100 +demo-web +pve0\d +running .* 10\.77\.0\.\d+$/m);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** Starts `pxrun simulator --print-env` and gives the variables that it printed. */
async function readEnv(child: Deno.ChildProcess): Promise<Record<string, string>> {
  const lines: string[] = [];
  let rest = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!lines.some((line) => line.includes("SSH_KEY_PATH"))) {
    const { done, value } = await reader.read();
    assert.ok(!done, "the simulator ended early");
    rest += value;
    lines.push(...rest.split("\n").slice(0, -1));
    rest = rest.slice(rest.lastIndexOf("\n") + 1);
  }
  await reader.cancel();
  return Object.fromEntries(
    lines.map((line) => /^export (\w+)='?(.*?)'?$/.exec(line)?.slice(1) ?? ["", ""]),
  );
}

Deno.test("pxrun simulator --print-env serves other processes until it is ended, and leaves no file", async () => {
  const directory = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", join(root, "main.ts"), "simulator", "--print-env"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    ...alone({ TMPDIR: directory }),
  }).spawn();
  try {
    const env = await readEnv(child);
    const list = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", join(root, "main.ts"), "list", "--format", "json"],
      stdin: "null",
      ...alone(env),
    }).output();
    assert.equal(list.code, 0, new TextDecoder().decode(list.stderr));
    assert.deepEqual(JSON.parse(new TextDecoder().decode(list.stdout)), []);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    assert.deepEqual([...Deno.readDirSync(directory)], []);
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("pxrun simulator -- COMMAND runs it against the cluster, and exits with its status", async () => {
  const platform = testPlatform({ env: { PROXMOX_USER: "other@pam", PXRUN_CONTEXT: "other" } });
  assert.equal(await runCli(["simulator", "--", "pxrun", "list", "--json"], platform), 0);
  assert.deepEqual(JSON.parse(platform.stdout()), []);
  const seen: unknown[] = [];
  const run: Platform["run"] = (program, args, options) => {
    seen.push([program, ...args], Object.keys(options?.env ?? {}).includes("PROXMOX_HOST"));
    return Promise.resolve({ code: 7, stdout: new Uint8Array(), stderr: new Uint8Array() });
  };
  const args = ["simulator", "--", "sh", "-c", "exit 7", "--json"];
  assert.equal(await runCli(args, { ...testPlatform(), run }), 7);
  assert.deepEqual(seen, [["sh", "-c", "exit 7", "--json"], true]);
  const none = testPlatform();
  assert.equal(await runCli(["simulator", "--", "/nonexistent/program"], none), 3);
  assert.match(none.stderr(), /^error: there is no program .*\nhint: /);
});

Deno.test("pxrun simulator --env-file writes a file of its owner's alone, and removes it", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const file = join(directory, "sim.env");
    const args = ["simulator", "--env-file", file, "--", "sh", "-c"];
    const read =
      `. ${file} && test -n "$PROXMOX_TOKEN_SECRET" && test "$(stat -c %a ${file})" = 600`;
    assert.equal(await runCli([...args, read], testPlatform()), 0);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
    await Deno.writeTextFile(file, "mine");
    assert.equal(await runCli([...args, read], testPlatform()), 1);
    assert.equal(await Deno.readTextFile(file), "mine");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("pxrun simulator -- COMMAND leaves Ctrl-C to the command, and ends it by TERM", async () => {
  const platform = testPlatform();
  const started = Promise.withResolvers<AbortSignal | undefined>();
  const run: Platform["run"] = async (_program, _args, options) => {
    started.resolve(options?.signal);
    await new Promise((resolve) => options?.signal?.addEventListener("abort", resolve));
    return { code: 143, stdout: new Uint8Array(), stderr: new Uint8Array() };
  };
  const running = runCli(["simulator", "--", "sleep", "600"], { ...platform, run });
  const signal = await started.promise;
  platform.interrupt("SIGINT");
  assert.equal(signal?.aborted, false);
  platform.interrupt("SIGTERM");
  assert.equal(await running, 130);
});
