import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const json = ["--format", "json"];

function recipeText(provisioning: string, template = "debian-13"): string {
  return `container: { hostname: web-1, template: ${template} }\nprovisioning:\n${provisioning}`;
}

const script = (content: string): string =>
  `  scripts:\n    - name: it\n      content: ${JSON.stringify(content)}\n`;

async function create(
  lab: Lab,
  provisioning: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  return await lab.run(["create", "-", ...args], { stdin: recipeText(provisioning), env });
}

async function read(lab: Lab, path: string): Promise<string | undefined> {
  const bytes = await lab.simulator.cluster.cts.get(100)?.guest?.read(path);
  return bytes && new TextDecoder().decode(bytes);
}

Deno.test("create provisions packages, keys, files and scripts, in this order", async () => {
  await using lab = await startLab();
  const recipe = new URL("../../examples/web.yaml", import.meta.url).pathname;
  const { status, stdout, stderr } = await lab.run(["create", recipe, "--yes", ...json]);
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout);
  assert.deepEqual(Object.keys(result), [
    "vmid",
    "node",
    "hostname",
    "status",
    "addresses",
    "next",
    "ssh",
    "console",
    "durations",
  ]);
  const done = [...stderr.matchAll(/^[✓=] (\S+)/gm)].map((match) => match[1]);
  const order = ["created", "started", "address", "wait", "packages", "ssh", "file", "script"];
  assert.deepEqual(done.filter((word, i) => word !== done[i - 1] || word === "wait"), order);
  assert.match(await read(lab, "/root/.ssh/authorized_keys") ?? "", /^ssh-ed25519 /m);
});

Deno.test("create sees its work in the container: package, file, mode, and what a script did", async () => {
  await using lab = await startLab();
  const { status, stderr } = await create(
    lab,
    `  packages: [git]
  files:
    - { path: "/etc/app dir/a'b.conf", content: "x=$(id)\\n", mode: "0600" }
  scripts:
    - name: it
      environment: { GREETING: "it's $HOME" }
      content: |
        command -v git >/root/git
        printf '%s' "$GREETING" >/root/greeting
        stat -c %a "/etc/app dir/a'b.conf" >/root/mode
`,
  );
  assert.equal(status, 0, stderr);
  assert.equal(await read(lab, "/etc/app dir/a'b.conf"), "x=$(id)\n");
  assert.equal(await read(lab, "/root/greeting"), "it's $HOME");
  assert.equal(await read(lab, "/root/mode"), "600\n");
  assert.match(await read(lab, "/root/git") ?? "", /^\/usr\/bin\/git$/m);
});

Deno.test("create speaks of no cut-off package manager in a container that is new", async () => {
  await using lab = await startLab();
  for (const template of ["debian-13", "alpine-3.22"]) {
    const text = recipeText("  packages: [nosuchpackage]\n", template);
    const args = ["create", "-", "--allow-duplicate"];
    const { status, stderr } = await lab.run(args, { stdin: text });
    assert.equal(status, 1);
    assert.match(stderr, /nosuchpackage/);
    assert.doesNotMatch(stderr, /was interrupted here/);
  }
});

Deno.test("create provisions Alpine, which has neither apt nor bash", async () => {
  await using lab = await startLab();
  const text = recipeText("  packages: [curl]\n" + script("command -v apk"), "alpine-3.22");
  const { status, stderr } = await lab.run(["create", "-"], { stdin: text });
  assert.equal(status, 0, stderr);
});

Deno.test("create reads keys and sources from files beside the recipe", async () => {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir();
  try {
    const key =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2vSIEBo0zY1Z8QWcZJbF0m3wNnW7oJ8TqvY3Qv6q0F me";
    await Deno.writeTextFile(`${directory}/id.pub`, `${key}\n`);
    await Deno.writeFile(`${directory}/logo.bin`, new Uint8Array([0, 255, 10, 13, 0]));
    const provisioning =
      "  ssh_keys: [./id.pub]\n  files: [{ path: /srv/logo.bin, source: ./logo.bin }]\n";
    await Deno.writeTextFile(`${directory}/web.yaml`, recipeText(provisioning));
    const { status, stderr } = await lab.run(["create", `${directory}/web.yaml`]);
    assert.equal(status, 0, stderr);
    assert.match(await read(lab, "/root/.ssh/authorized_keys") ?? "", new RegExp(`^${key}$`, "m"));
    const bytes = await lab.simulator.cluster.cts.get(100)?.guest?.read("/srv/logo.bin");
    assert.deepEqual(bytes && [...bytes], [0, 255, 10, 13, 0]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("create refuses local files that are not there before anything is made", async () => {
  await using lab = await startLab();
  const { status, stderr } = await create(
    lab,
    "  ssh_keys: [./nosuch.pub]\n  files: [{ path: /x, source: ./nosuch }]\n",
  );
  assert.equal(status, 3, stderr);
  assert.match(stderr, /stdin:3:\d+: file \.\/nosuch\.pub not found/);
  assert.match(stderr, /stdin:4:\d+: file \.\/nosuch not found\n/);
  assert.deepEqual(lab.containers(), []);
});

const KEYS = "https://keys.example/me.keys";

async function createWithKeys(
  lab: Lab,
  answer: string,
): Promise<{ status: number; stderr: string }> {
  const stdin = recipeText(
    `  users: [{ username: dev, ssh_keys: [${KEYS}] }]\n  ssh_keys: [${KEYS}]\n`,
  );
  const platform = lab.platform({ stdin });
  const asked: string[] = [];
  const status = await runCli(["create", "-"], {
    ...platform,
    fetch: (url) => Promise.resolve(new Response(asked.push(url) === 1 ? answer : "asked twice")),
  });
  assert.deepEqual(asked, [KEYS]);
  return { status, stderr: platform.stderr() };
}

Deno.test("create fetches keys from an address, once and itself", async () => {
  await using lab = await startLab();
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2vSIEBo0zY1Z8QWcZJbF0m3wNnW7oJ8TqvY3Qv6q0F";
  const { status, stderr } = await createWithKeys(lab, `${key} one\n${key} the same\n`);
  assert.equal(status, 0, stderr);
  for (const home of ["/root", "/home/dev"]) {
    const lines = (await read(lab, `${home}/.ssh/authorized_keys`) ?? "").split("\n");
    assert.deepEqual(lines.filter((line) => line.startsWith(key)), [`${key} the same`], home);
  }
});

Deno.test("provision and create stop at Ctrl-C while a site lets them wait for its keys", async () => {
  await using lab = await startLab();
  assert.equal((await create(lab, "  packages: []\n")).status, 0);
  for (const args of [["provision", "100", "-"], ["create", "-"]]) {
    const asked = Promise.withResolvers<void>();
    const platform = lab.platform({
      stdin: recipeText("  ssh_keys: [https://keys.example/me.keys]\n"),
      fetch: (_, { signal }) => {
        asked.resolve();
        return new Promise((_, fail) => {
          signal.addEventListener("abort", () => fail(signal.reason), { once: true });
        });
      },
    });
    const running = runCli(args, platform);
    await asked.promise;
    // What else is asked for meanwhile has come by then: nothing but the site is waited for.
    assert.equal((await lab.run(["list"])).status, 0);
    const since = performance.now();
    platform.interrupt();
    assert.equal(await running, 130, platform.stderr());
    // The site's own time is 30 s.
    assert.ok(performance.now() - since < 10_000);
  }
  assert.deepEqual(lab.containers(), ["100 web-1"]);
});

Deno.test("create makes nothing when an address gives no keys", async () => {
  await using lab = await startLab();
  const { status, stderr } = await createWithKeys(lab, "<html>");
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /stdin:4:\d+: https:\/\/keys\.example\/me\.keys answers with something else/,
  );
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create keeps and tags a container whose step failed, and shows the last lines", async () => {
  await using lab = await startLab();
  const { status, stdout, stderr } = await create(lab, script("echo about to fail; exit 7"));
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /web-1 \(100\) is kept: .*exit status 7/);
  assert.match(stderr, /about to fail/);
  assert.match(stderr, /hint: [^]*pxrun destroy 100/);
  const ct = lab.simulator.cluster.cts.get(100);
  assert.deepEqual([ct?.status, ct?.config["tags"]], ["running", "pxrun-failed"]);
  const data = JSON.parse(
    (await create(lab, script("exit 7"), [...json, "--allow-duplicate"])).stdout,
  );
  assert.deepEqual([data.error.code, data.kept.vmid], ["STEP_FAILED", 101]);
});

Deno.test("create --on-failure destroy removes a container whose step failed", async () => {
  await using lab = await startLab();
  const { status, stderr } = await create(lab, script("exit 7"), ["--on-failure", "destroy"]);
  assert.equal(status, 1);
  assert.match(stderr, /exit status 7[^]*hint: fix the cause and create it again; /);
  assert.doesNotMatch(stderr, /provision again/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create goes on after a script that may fail", async () => {
  await using lab = await startLab();
  const { status, stderr } = await create(
    lab,
    `  scripts:
    - { name: first, content: exit 3, continue_on_error: true }
    - { name: second, content: "touch /root/second" }
`,
  );
  assert.equal(status, 0, stderr);
  assert.match(stderr, /! script first .*continues anyway/);
  assert.equal(await read(lab, "/root/second"), "");
});

Deno.test("create ends a script that takes longer than its timeout", async () => {
  await using lab = await startLab();
  const { status, stderr } = await create(
    lab,
    "  scripts: [{ name: slow, content: sleep 600, timeout: 1 }]\n",
  );
  assert.equal(status, 1);
  assert.match(stderr, /longer than 1 s/);
});

/** Presses Ctrl-C once a script in the container runs. */
async function interruptScript(
  lab: Lab,
  args: readonly string[],
): Promise<{ status: number; stderr: string }> {
  const stdin = recipeText(script("touch /root/begun; sleep 600"));
  const platform = lab.platform({ stdin });
  const running = runCli(["create", "-", ...args], platform);
  const begun = (): boolean =>
    lab.simulator.cluster.cts.get(100)?.guest?.argvs.some(([name]) => name === "sleep") ?? false;
  await until("the script in the container", begun);
  platform.interrupt();
  return { status: await running, stderr: platform.stderr() };
}

Deno.test("Ctrl-C while a script runs leaves nothing", async () => {
  await using lab = await startLab();
  const { status, stderr } = await interruptScript(lab, []);
  assert.equal(status, 130, stderr);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C with --on-failure keep ends the script and keeps the container", async () => {
  await using lab = await startLab();
  const { status, stderr } = await interruptScript(lab, ["--on-failure", "keep"]);
  assert.equal(status, 130, stderr);
  assert.deepEqual(lab.containers(), ["100 web-1"]);
  assert.equal(lab.simulator.cluster.cts.get(100)?.config["tags"], "pxrun-failed");
});

Deno.test("create --verbose shows what commands print as it comes", async () => {
  await using lab = await startLab();
  const { stderr } = await create(lab, script("echo out; echo err >&2"), ["--verbose"]);
  assert.match(stderr, /^out$/m);
  assert.match(stderr, /^err$/m);
});

Deno.test("create keeps a secret out of every output and every argv", async () => {
  await using lab = await startLab();
  const secret = "s3cr3t-m4rk3r";
  const provisioning = `  scripts:
    - name: it
      environment: { TOKEN: "\${MY_TOKEN}" }
      content: |
        printf '%s' "$TOKEN" >/root/token
        echo "the token is $TOKEN" >&2
        exit 5
`;
  const args = ["--verbose", "--debug"];
  const { stdout, stderr } = await create(lab, provisioning, args, { MY_TOKEN: secret });
  assert.equal(await read(lab, "/root/token"), secret);
  assert.match(stderr, /the token is ••••/);
  const { ssh, cluster } = lab.simulator;
  const seen = [
    stdout,
    stderr,
    JSON.stringify(ssh.commands),
    JSON.stringify(ssh.argvs),
    JSON.stringify(cluster.cts.get(100)?.guest?.argvs),
  ];
  for (const text of seen) assert.ok(!text.includes(secret));
});

Deno.test("create without a route by SSH says so before anything is made", async () => {
  await using lab = await startLab({ login: "token" });
  const refused = await create(lab, script("true"), [], {
    PXRUN_SSH_NODES: "pve01=root@127.0.0.1:1,pve02=root@127.0.0.1:1",
  });
  assert.equal(refused.status, 5, refused.stderr);
  assert.match(refused.stderr, /no SSH to pve0\d: .*127\.0\.0\.1:1.*\n\s+→ /);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create to a node whose host key is not known gives the line to add", async () => {
  await using lab = await startLab();
  const refused = await create(lab, script("true"), [], {
    PXRUN_KNOWN_HOSTS: "/nonexistent/known_hosts",
  });
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /\[127\.0\.0\.1\]:\d+ ssh-ed25519 AAAA/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create --no-provision needs no SSH", async () => {
  await using lab = await startLab({ login: "token" });
  const { status, stderr } = await create(lab, script("exit 1"), ["--no-provision"], {
    PXRUN_SSH_NODES: "pve01=root@127.0.0.1:1,pve02=root@127.0.0.1:1",
  });
  assert.equal(status, 0, stderr);
  // Nobody says where the nodes are: then there is no command for the console to copy.
  const token = lab.simulator.tokens["pool@pve!ci"];
  const nowhere = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const args = ["create", "-", "--no-provision", "--pool", "dev", "--allow-duplicate", ...json];
  const stdin = recipeText(script("exit 1"));
  const without = await lab.run(args, { stdin, env: { ...nowhere, PXRUN_SSH_NODES: "" } });
  assert.equal(without.status, 0, without.stderr);
  assert.equal(JSON.parse(without.stdout).console, undefined);
});

Deno.test("provision does what is not yet so, and says unchanged for the rest", async () => {
  await using lab = await startLab();
  const text = recipeText(
    "  packages: [git]\n  files: [{ path: /etc/app.conf, content: one, mode: '0600' }]\n",
  );
  assert.equal((await lab.run(["create", "-"], { stdin: text })).status, 0);
  const again = await lab.run(["provision", "web-1", "-", ...json], { stdin: text });
  assert.equal(again.status, 0, again.stderr);
  const { vmid, changed, unchanged } = JSON.parse(again.stdout);
  assert.deepEqual([vmid, changed], [100, []]);
  assert.deepEqual(unchanged.slice(-2), ["packages", "files[0]"]);
  assert.match(again.stderr, /= file \/etc\/app\.conf unchanged/);
  const other = text.replace("one", "two");
  const dry = await lab.run(["provision", "100", "-", "--dry-run"], { stdin: other });
  assert.match(dry.stdout, /web-1: container 100 on pve\d+\n[^]*file \/etc\/app\.conf +if needed/);
  assert.equal(await read(lab, "/etc/app.conf"), "one");
  const ran = await lab.run(["provision", "100", "-"], { stdin: other });
  assert.match(ran.stderr, /✓ web-1: 1 changed, \d unchanged/);
  assert.equal(await read(lab, "/etc/app.conf"), "two");
});

Deno.test("provision --events prints nothing but lines of JSON, whatever the format and the end", async () => {
  await using lab = await startLab();
  const fine = recipeText("  packages: [git]\n");
  assert.equal((await lab.run(["create", "-"], { stdin: fine })).status, 0);
  const args = ["provision", "web-1", "-", "--events", ...json];
  const lines = (text: string) => text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const ran = await lab.run(args, { stdin: fine });
  assert.equal(lines(ran.stdout).at(-1).type, "provisioned");
  assert.equal(ran.stderr, "");
  const failed = await lab.run(args, { stdin: recipeText(script("exit 7")) });
  assert.equal(lines(failed.stdout).at(-1).error.code, "STEP_FAILED");
});

Deno.test("provision goes on where a create failed, and takes its tag away", async () => {
  await using lab = await startLab();
  const text = recipeText(script("test -e /root/ready"));
  const failed = await lab.run(["create", "-", "--tag", "dev"], { stdin: text });
  assert.equal(failed.status, 1);
  assert.match(
    failed.stderr,
    /hint: continue: pxrun provision 100 -\n {6}look inside: pxrun shell 100\n {6}remove it: pxrun destroy 100\n/,
  );
  const ct = lab.simulator.cluster.cts.get(100);
  assert.match(String(ct?.config["tags"]), /pxrun-failed/);
  const still = await lab.run(["provision", "100", "-"], { stdin: text });
  assert.equal(still.status, 1, still.stderr);
  assert.match(String(ct?.config["tags"]), /pxrun-failed/);
  assert.equal((await lab.run(["exec", "100", "--", "touch", "/root/ready"])).status, 0);
  const ran = await lab.run(["provision", "100", "-"], { stdin: text });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ct?.config["tags"], "dev");
});

Deno.test("provision takes the last tag away too", async () => {
  await using lab = await startLab();
  const text = recipeText(script("test -e /root/ready"));
  assert.equal((await lab.run(["create", "-"], { stdin: text })).status, 1);
  assert.equal((await lab.run(["exec", "100", "--", "touch", "/root/ready"])).status, 0);
  const ran = await lab.run(["provision", "100", "-"], { stdin: text });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(lab.simulator.cluster.cts.get(100)?.config["tags"], undefined);
});

Deno.test("provision says all that is wrong at once, and changes nothing", async () => {
  await using lab = await startLab();
  const stopped = ["create", "--hostname", "web-1", "--template", "debian-13", "--no-start"];
  assert.equal((await lab.run([...stopped, "--yes"])).status, 0);
  const text = recipeText("  timezone: Europe/Berlin\n  files: [{ path: /a, source: ./nosuch }]\n");
  const { status, stderr } = await lab.run(["provision", "web-1", "-"], { stdin: text });
  assert.equal(status, 3, stderr);
  for (const part of [/does not run/, /file \.\/nosuch not found/]) {
    assert.match(stderr, part);
  }
  const inside = lab.simulator.ssh.commands.filter(({ command }) => /\bpct\b/.test(command));
  assert.deepEqual(inside, []);
  const none = await lab.run(["provision", "nosuch", "-"], { stdin: text });
  assert.equal(none.status, 3);
});

Deno.test("provision warns when the recipe is that of another container", async () => {
  await using lab = await startLab();
  const args = ["create", "--hostname", "db-1", "--template", "debian-13", "--yes"];
  assert.equal((await lab.run(args)).status, 0);
  const text = recipeText("  files: [{ path: /a, content: x }]\n");
  const { status, stderr } = await lab.run(["provision", "db-1", "-"], { stdin: text });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /the recipe is that of web-1, and container 100 is called db-1/);
});
