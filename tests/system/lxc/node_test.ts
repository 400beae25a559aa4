import assert from "node:assert/strict";
import { poll } from "../../../lib/core/poll.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import { BRIEFLY } from "../../lab/container.ts";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";
import { sshWords } from "./node_ssh.ts";

const recipe = `
container: { hostname: small, template: busybox-1.35_1_amd64.tar.zst }
provisioning:
  files: [{ path: /etc/app.conf, content: "ä\\n", mode: "0600" }]
  scripts: [{ name: it, content: "cat /etc/app.conf >/root/copy; id -u >>/root/copy" }]
`;

async function startSmall(): Promise<LxcLab> {
  const lab = await startLxcLab("busybox");
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin: recipe });
  assert.equal(status, 0, stderr);
  return lab;
}

function eventually(what: string, look: () => Promise<boolean>): Promise<true> {
  return poll(async () => await look() || undefined, {
    clock: systemClock,
    what,
    timeout: 120_000,
    first: 20,
    longest: 200,
  });
}

Deno.test("create provisions a BusyBox container, which has nothing but sh", async () => {
  await using lab = await startSmall();
  const { stdout } = await lab.node.exec(["lxc-attach", "-n", "100", "--", "cat", "/root/copy"]);
  assert.equal(new TextDecoder().decode(stdout), "ä\n0\n");
});

Deno.test("pct exec passes codes, streams and signals on, through the lab's sshd", async () => {
  await using lab = await startSmall();
  const [ssh = "", ...words] = sshWords(lab);
  const run = async (command: string, stdin = ""): Promise<[number, string, string]> => {
    const child = new Deno.Command(ssh, {
      args: [...words, command],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [output] = await Promise.all([
      child.output(),
      new Blob([stdin]).stream().pipeTo(child.stdin).catch(() => {}),
    ]);
    const [out, err] = [output.stdout, output.stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    return [output.code, out ?? "", err ?? ""];
  };
  const exec = "pct exec 100 --keep-env 0 --";
  assert.deepEqual(await run(`${exec} sh -c 'echo out; echo err >&2; exit 7'`), [
    7,
    "out\n",
    "err\n",
  ]);
  assert.deepEqual(await run(`${exec} cat`, "\0ÿ\n"), [0, "\0ÿ\n", ""]);
  assert.equal((await run(`${exec} sh -c 'kill -TERM $$'`))[0], 143);
  assert.equal((await run(`${exec} no-such-command`))[0], 127);
  assert.deepEqual(
    (await run(`${exec} env`))[1],
    (await run("lxc-attach -n 100 --clear-env -- env"))[1],
  );
  assert.equal((await run("pct exec 999 -- true"))[0], 2);
  await run("pct push 100 /etc/hostname /root/pushed --perms 0640 --group 5");
  assert.equal((await run(`${exec} stat -c '%a %u:%g' /root/pushed`))[1], "640 0:5\n");
  await run("pct pull 100 /root/pushed /tmp/pulled");
  assert.equal((await run("cat /tmp/pulled"))[1], "pve01\n");
  assert.match((await run("pvesh get /nodes/pve01/lxc --output-format json"))[1], /"name":"small"/);
  assert.match((await run("pveam list local"))[1], /busybox-1\.35/);
  assert.equal((await run("pct stop 100; pct exec 100 -- true"))[0], 255);
});

Deno.test("a container that reboots goes on, and one that powers itself off is stopped", async () => {
  await using lab = await startSmall();
  const tell = (word: string) => lab.node.exec([...BRIEFLY, "lxc-attach", "-n", "100", "--", word]);
  const first = async () =>
    (await lab.node.sh('"$@" || true', [...BRIEFLY, "lxc-info", "-n", "100", "-pH"])).trim();
  const status = () => lab.node.sh("pct status 100");
  const before = await first();
  await tell("reboot");
  await eventually("the reboot", async () => !["", before].includes(await first()));
  assert.equal(await status(), "status: running\n");
  await eventually("the end", async () => {
    // Its new init may not listen yet.
    await tell("poweroff");
    return await status() === "status: stopped\n";
  });
  assert.equal(await lab.node.sh("pct start 100; pct status 100"), "status: running\n");
});

Deno.test("a login by SSH alone reaches the API through the node's own port 8006", async () => {
  await using lab = await startLxcLab();
  const none = ["HOST", "TOKEN_ID", "TOKEN_SECRET", "FINGERPRINT"];
  const env = Object.fromEntries(none.map((name) => [`PROXMOX_${name}`, ""]));
  const { status, stderr, stdout } = await lab.run(["list", "--json"], { env });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), []);
});
