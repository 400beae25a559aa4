import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Env } from "../../lib/core/platform.ts";
import { type LoginCase, logins, rememberSecrets, runTokens } from "../support/logins.ts";
import { type Lab, type Ran, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--yes"];
const json = ["--format", "json"];

/** Runs a command line with a login; nothing of it may be left or shown afterwards. */
async function run(lab: Lab, login: LoginCase, args: readonly string[], stdin = ""): Promise<Ran> {
  const env = login.env(lab.simulator);
  const made = rememberSecrets(lab.simulator);
  const ran = await lab.run([...args, "--debug", "--verbose"], {
    env,
    stdin,
  });
  assert.deepEqual(runTokens(lab.simulator), [], ran.stderr);
  assert.equal(made.size, login.name === "SSH alone" ? 1 : 0);
  hidesSecrets(lab, { env, made }, ran);
  return ran;
}

interface Secrets {
  readonly env: Env;
  /** Of tokens that the run itself made. */
  readonly made: ReadonlySet<string>;
}

/** No secret in what was printed, nor in any argument vector of a node. */
function hidesSecrets(
  { simulator }: Lab,
  { env, made }: Secrets,
  { stdout, stderr }: Pick<Ran, "stdout" | "stderr">,
): void {
  const secrets = [
    simulator.token.secret,
    ...env["PROXMOX_PASSWORD"] === undefined ? [] : [env["PROXMOX_PASSWORD"]],
    ...simulator.cluster.tickets.keys(),
    ...made,
  ];
  const { argvs, commands } = simulator.ssh;
  const seen = [stdout, stderr, JSON.stringify(argvs), JSON.stringify(commands)].join("\n");
  for (const secret of secrets) {
    assert.ok(!seen.includes(secret) && !seen.includes(encodeURIComponent(secret)));
  }
}

for (const login of logins) {
  Deno.test(`${login.name}: create, provision, list and destroy`, async () => {
    await using lab = await startLab();
    const recipe = "container: { hostname: web-1, template: debian-13 }\n" +
      "provisioning: { files: [{ path: /etc/motd, content: hello }] }\n";
    const created = await run(lab, login, ["create", "-", "--yes", ...json], recipe);
    assert.equal(created.status, 0, created.stderr);
    const { vmid, status } = JSON.parse(created.stdout);
    assert.equal(status, "running");
    const motd = await lab.simulator.cluster.cts.get(vmid)?.guest?.read("/etc/motd");
    assert.equal(new TextDecoder().decode(motd), "hello");
    const listed = await run(lab, login, ["list", "--ips", ...json]);
    assert.equal(JSON.parse(listed.stdout)[0].hostname, "web-1");
    const destroyed = await run(lab, login, ["destroy", "web-1", "--yes"]);
    assert.equal(destroyed.status, 0, destroyed.stderr);
    assert.deepEqual(lab.containers(), []);
  });

  Deno.test(`${login.name}: a create that fails leaves nothing`, async () => {
    await using lab = await startLab();
    lab.simulator.inject({ name: "task-failure", type: "vzstart", message: "no cgroups" });
    const { status, stderr } = await run(lab, login, create);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /no cgroups/);
    assert.deepEqual(lab.containers(), []);
  });

  Deno.test(`${login.name}: Ctrl-C during a create leaves nothing`, async () => {
    await using lab = await startLab({ timings: { createMs: 3_000 } });
    const env = login.env(lab.simulator);
    const made = rememberSecrets(lab.simulator);
    const platform = lab.platform({ env });
    const running = runCli(create, platform);
    await until("the create task", () => lab.simulator.cluster.cts.has(100));
    platform.interrupt();
    assert.equal(await running, 130, platform.stderr());
    assert.deepEqual(lab.containers(), []);
    assert.deepEqual(runTokens(lab.simulator), []);
    hidesSecrets(lab, { env, made }, { stdout: platform.stdout(), stderr: platform.stderr() });
  });
}
