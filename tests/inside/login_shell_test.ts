import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

/** A lab with one running container, web-1, whose node then has these start-up files. */
async function labWithContainer(): Promise<Lab> {
  const lab = await startLab();
  const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
  const { status, stderr } = await lab.run([...args, "--yes"]);
  assert.equal(status, 0, stderr);
  return lab;
}

const NOISE = "\x1b[32mWelcome to pve01\x1b[0m\n644\nfolder\n{}";

Deno.test("exec gives what the command prints, whatever start-up files print", async () => {
  await using lab = await labWithContainer();
  lab.simulator.ssh.inject({ name: "start-up-prints", text: NOISE });
  const command = ["sh", "-c", "cat; echo err >&2; exit 3"];
  const { status, stdout, stderr } = await lab.run(["exec", "web-1", "--", ...command], {
    stdin: "in",
  });
  assert.deepEqual([status, stdout, stderr], [3, "in", "err\n"]);
});

Deno.test("push and pull bring files and directories as they are, whatever start-up files print", async () => {
  await using lab = await labWithContainer();
  lab.simulator.ssh.inject({ name: "start-up-prints", text: NOISE });
  const here = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${here}/dd`);
    await Deno.writeTextFile(`${here}/dd/a`, "line1\nline2\n", { mode: 0o640 });
    for (
      const args of [
        ["push", "web-1", `${here}/dd/a`, "/root/a"],
        ["push", "web-1", `${here}/dd`, "/root/"],
        ["pull", "web-1", "/root/a", `${here}/got`],
        ["pull", "web-1", "/root/dd", `${here}/gotd`],
      ]
    ) {
      const { status, stderr } = await lab.run(args);
      assert.equal(status, 0, stderr);
    }
    for (const path of ["got", "gotd/a"]) {
      assert.equal(await Deno.readTextFile(`${here}/${path}`), "line1\nline2\n");
      assert.equal((await Deno.stat(`${here}/${path}`)).mode! & 0o777, 0o640);
    }
    const shown = await lab.run(["pull", "web-1", "/root/a", "-"]);
    assert.equal(shown.stdout, "line1\nline2\n");
  } finally {
    await Deno.remove(here, { recursive: true });
  }
});

Deno.test("provision and a login by SSH alone work, whatever start-up files print", async () => {
  await using lab = await startLab();
  lab.simulator.ssh.inject({ name: "start-up-prints", text: NOISE });
  const recipe = "container: { hostname: web-1, template: debian-13, node: pve01 }\n" +
    "provisioning: { scripts: [{ content: 'echo broken >&2; exit 3' }] }\n";
  const { PXRUN_SSH_NODES } = lab.simulator.env();
  const alone = {
    PROXMOX_TOKEN_ID: undefined,
    PROXMOX_TOKEN_SECRET: undefined,
    PROXMOX_FINGERPRINT: undefined,
    PXRUN_SSH_NODES,
  };
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin: recipe, env: alone });
  assert.equal(status, 1);
  assert.match(stderr, /exit status 3; its last lines:\n +broken\n/);
});

Deno.test("exec that its node's login shell never comes to ends with an error, and doctor says so", async () => {
  await using lab = await labWithContainer();
  lab.simulator.ssh.inject({ name: "start-up-hangs", node: "pve01" });
  const platform = { ...lab.platform(), clock: fastClock(6) };
  assert.equal(await runCli(["exec", "web-1", "--", "true"], platform), 125);
  assert.match(lab.simulator.ssh.commands.at(-1)?.command ?? "", /lxc-attach/);
  const doctor = lab.platform();
  const status = await runCli(["doctor", "--format", "json"], { ...doctor, clock: fastClock(6) });
  assert.notEqual(status, 0);
  assert.match(doctor.stdout(), /the login shell of root on \S+ does not run commands/);
});

Deno.test("exec that has not begun ends with the first signal", async () => {
  await using lab = await labWithContainer();
  lab.simulator.ssh.inject({ name: "start-up-hangs", node: "pve01" });
  const before = lab.simulator.ssh.commands.length;
  const platform = lab.platform();
  const running = runCli(["exec", "web-1", "--", "true"], platform);
  await until("the command", () => lab.simulator.ssh.commands.length > before);
  platform.interrupt("SIGTERM");
  assert.equal(await running, 125);
  assert.match(platform.stderr(), /interrupted by TERM before it began/);
});
