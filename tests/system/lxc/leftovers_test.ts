import assert from "node:assert/strict";
import { basename } from "node:path";
import { startLxcLab } from "../../lab/mod.ts";
import { cgroupRoot } from "../../lab/runs.ts";

const lab = new URL("../../lab/mod.ts", import.meta.url).href;
const program = `
import { startLxcLab } from ${JSON.stringify(lab)};
const lab = await startLxcLab("busybox");
const stdin = "container: { hostname: b, template: busybox-1.35_1_amd64.tar.zst }";
const { status } = await lab.run(["create", "-", "--yes"], { stdin });
const key = lab.simulator.env().SSH_KEY_PATH;
console.log(JSON.stringify([status, lab.node.directory, lab.node.pid, key]));
Deno.kill(Deno.pid, "SIGKILL");
`;

const exists = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);

Deno.test("a lab that was killed leaves nothing running, and the next one removes the rest", async () => {
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, program);
  const killed = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, file],
    stderr: "inherit",
  }).output();
  await Deno.remove(file);
  const [status, directory, pid, key] = JSON.parse(new TextDecoder().decode(killed.stdout));
  assert.equal(status, 0);
  const group = `${await cgroupRoot()}/${basename(directory)}`;

  await using next = await startLxcLab();
  assert.equal(await exists(directory), false);
  assert.equal(await exists(group), false);
  assert.equal(await exists(key), false);
  assert.equal(await exists(`/proc/${pid}/root/run/lab`), false);
  assert.equal(await exists(next.node.directory), true);
});

Deno.test("two labs at once do not see each other", async () => {
  await using one = await startLxcLab();
  await using two = await startLxcLab();
  await one.node.sh("touch /etc/only-here /run/only-here");
  const look = "ls -d /etc/only-here /run/only-here 2>&1 | grep -c 'No such file'";
  assert.equal(await two.node.sh(look), "2\n");
  assert.equal(await exists("/etc/only-here"), false);
});
