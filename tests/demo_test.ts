import assert from "node:assert/strict";
import { join } from "node:path";

const root = join(import.meta.dirname ?? ".", "..");

Deno.test("pxrun demo shows plan, progress, address, list and destroy, and leaves no file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", join(root, "main.ts"), "demo"],
      stdin: "null",
      env: { TMPDIR: folder, NO_COLOR: "1" },
    }).output();
    const out = new TextDecoder().decode(stdout);
    const err = new TextDecoder().decode(stderr);
    assert.equal(code, 0, err);
    for (
      const said of [
        /^1 {2}create container 100 +API +POST \/nodes\/pve0\d\/lxc$/m,
        /^✓ wait for an address 10\.77\.0\.\d+ /m,
        /^✓ packages nginx, curl /m,
        /^✓ stop and destroy container 100 /m,
      ]
    ) assert.match(err, said);
    assert.match(out, /demo-web is container 100/);
    assert.match(out, /^ 100 +demo-web +pve0\d +running .* 10\.77\.0\.\d+$/m);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
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
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", join(root, "main.ts"), "simulator", "--print-env"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    env: { TMPDIR: folder },
  }).spawn();
  try {
    const env = await readEnv(child);
    const list = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", join(root, "main.ts"), "list", "--format", "json"],
      stdin: "null",
      env,
    }).output();
    assert.equal(list.code, 0, new TextDecoder().decode(list.stderr));
    assert.deepEqual(JSON.parse(new TextDecoder().decode(list.stdout)), []);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await Deno.remove(folder, { recursive: true });
  }
});
