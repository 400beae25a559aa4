import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { loadRecipe } from "../../lib/operations/load_recipe.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { type TestPlatform, testPlatform } from "../support/platform.ts";

const key =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtTgZ1zqWZ8Sd2vJ0M4s0Y8x2F6f7m8n9o0p1q2r3s4 me@here";

/** A directory of its own, with a home in it that holds these public keys. */
async function withHome(
  keys: readonly string[],
  test: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${directory}/home/.ssh`, { recursive: true });
    for (const name of keys) await Deno.writeTextFile(`${directory}/home/.ssh/${name}`, `${key}\n`);
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Runs one command line in such a directory. */
async function run(
  lab: Lab,
  directory: string,
  args: readonly string[],
  answers?: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string; platform: TestPlatform }> {
  const base = lab.platform(answers === undefined ? {} : { answers });
  const platform = { ...base, cwd: directory, home: `${directory}/home` };
  const status = await runCli(args, platform);
  return { status, stdout: platform.stdout(), stderr: platform.stderr(), platform };
}

Deno.test("create offers the key of ~/.ssh, and yes is the default", async () => {
  await using lab = await startLab();
  await withHome(["id_ed25519.pub"], async (directory) => {
    const { status, stdout, stderr } = await run(lab, directory, ["create"], [
      "web-1",
      "",
      "",
      "",
      "",
    ]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /SSH key for root: ~\/\.ssh\/id_ed25519\.pub\? \[Y\/n\]/);
    assert.match(stdout, /ssh +ssh root@10\./);
    const without = await run(lab, directory, ["create"], ["web-2", "", "", "n", ""]);
    assert.doesNotMatch(without.stdout, /ssh root@/);
  });
});

Deno.test("create asks for no key where there is none, and which one where there are several", async () => {
  await using lab = await startLab();
  await withHome([], async (directory) => {
    const { status, stderr } = await run(lab, directory, ["create"], ["web-1", "", "", ""]);
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /SSH key/);
  });
  await withHome(["id_rsa.pub", "id_ed25519.pub"], async (directory) => {
    const dry = await run(lab, directory, ["create", "--save", "web.yaml"], [
      "web-2",
      "",
      "",
      "id_rsa",
      "",
    ]);
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(
      dry.stderr,
      /1\) ~\/\.ssh\/id_ed25519\.pub\n {2}2\) ~\/\.ssh\/id_rsa\.pub\n {2}3\) none/,
    );
    assert.match(await Deno.readTextFile(`${directory}/web.yaml`), /- ~\/\.ssh\/id_rsa\.pub\n/);
  });
});

Deno.test("create preselects the newest Debian that is there, and lists what is there first", async () => {
  await using lab = await startLab();
  const { stderr } = await lab.run(["create", "--dry-run"], { answers: ["web-1", ""] });
  assert.match(
    stderr,
    /Template\n {2}1\) debian-13\n {2}2\) debian-12\n(?! {2}\d+\) .*downloaded)/,
  );
  assert.match(stderr, /downloaded first\n(?! {2}\d+\) [^\n]*[^t]\n)/);
});

Deno.test("create --dry-run asks only what the plan cannot do without", async () => {
  await using lab = await startLab();
  await withHome(["id_ed25519.pub"], async (directory) => {
    const { status, stdout, stderr } = await run(lab, directory, ["create", "--dry-run"], [
      "web-1",
      "alp",
      "alpine-3.22",
    ]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /several:\n {2}\d+\) alpine-3\.22\n {2}\d+\) alpine-3\.21/);
    assert.match(stdout, /2 cores, 1024 MiB memory, 10 GiB/);
    assert.doesNotMatch(stderr, /Cores|SSH key/);
  });
  assert.deepEqual(lab.changes(), []);
});

Deno.test("create goes back one question at a time, also from the last, and keeps the answers", async () => {
  await using lab = await startLab();
  const answers = ["web-1", "<", "web-2", "", "<", "alpine-3.22", "1/512/4", "<", "", "y"];
  const { status, stderr } = await lab.run(["create"], { answers });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /Hostname \[web-1\]: /);
  assert.match(stderr, /disk in GiB \[1\/512\/4\]: /);
  // The vmid of the plan that was left is free again.
  assert.deepEqual(lab.containers(), ["100 web-2"]);
  const { memory, cores, ostype } = lab.simulator.cluster.cts.get(100)?.config ?? {};
  assert.deepEqual([memory, cores, ostype], ["512", "1", "alpine"]);
});

Deno.test("create says at the question that a hostname is taken", async () => {
  await using lab = await startLab();
  placeCt(lab.simulator.cluster, { vmid: 105, node: "pve02", config: { hostname: "web-1" } });
  const { status, stderr } = await lab.run(["create", "--dry-run"], {
    answers: ["WEB-1", "web-2", ""],
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /container WEB-1 already exists: 105 on pve02/);
});

Deno.test("create and init without a terminal name every flag that is missing", async () => {
  await using lab = await startLab();
  for (const command of ["create", "init"]) {
    const { status, stderr } = await lab.run([command]);
    assert.equal(status, 2);
    assert.match(stderr, /--hostname and --template missing/);
  }
});

Deno.test("create --save writes the recipe that it used, with ${NAME} for what was secret", async () => {
  await using lab = await startLab();
  await withHome([], async (directory) => {
    const recipe = `container: { hostname: web-1, template: debian-13 }
provisioning:
  files: [{ path: /etc/app.conf, source: sub/app.conf }]
  scripts: [{ name: a, content: "true", environment: { TOKEN: "\${TOKEN}" } }]
`;
    await Deno.mkdir(`${directory}/sub`);
    await Deno.writeTextFile(`${directory}/sub/app.conf`, "x\n");
    await Deno.writeTextFile(`${directory}/in.yaml`, recipe);
    const platform = { ...lab.platform({ env: { TOKEN: "s3cr3t-value" } }), cwd: directory };
    const args = ["create", "in.yaml", "--no-start", "--cores", "3", "--save", "sub/out.yaml"];
    assert.equal(await runCli(args, platform), 0, platform.stderr());
    assert.match(platform.stderr(), /saved the recipe to sub\/out\.yaml; it needs TOKEN in/);
    const text = await Deno.readTextFile(`${directory}/sub/out.yaml`);
    assert.match(text, /^# yaml-language-server: \$schema=/);
    assert.doesNotMatch(text, /s3cr3t/);
    const [used, saved] = await Promise.all(
      [["in.yaml", "web-2"], ["sub/out.yaml", "web-2"]].map(async ([file = ""]) =>
        await loadRecipe(platform, file)
      ),
    );
    assert.equal(saved?.container.resources.cores, 3);
    assert.equal(saved?.provisioning.files[0]?.source, "app.conf");
    assert.deepEqual(saved?.provisioning.scripts, used?.provisioning.scripts);
    const again = lab.platform({ env: { TOKEN: "s3cr3t-value" } });
    assert.equal(await runCli(["validate", `${directory}/sub/out.yaml`], again), 0, again.stderr());
    const over = { ...lab.platform(), cwd: directory };
    assert.equal(await runCli([...args.with(1, "in.yaml"), "--hostname", "b"], over), 1);
    assert.match(over.stderr(), /sub\/out\.yaml already exists/);
    assert.deepEqual(lab.containers(), ["100 web-1"]);
  });
});

Deno.test("init writes a recipe that validate accepts and create takes, and overwrites none", async () => {
  await using lab = await startLab();
  await withHome(["id_ed25519.pub"], async (directory) => {
    const first = await run(lab, directory, ["init"], ["web-1", "", "4/2048/8", ""]);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /saved the recipe to web-1\.yaml\nnext: pxrun create web-1\.yaml\n/);
    const recipe = await loadRecipe(first.platform, "web-1.yaml");
    const { cores, memory, storage } = recipe.container.resources;
    assert.deepEqual([cores, memory, storage], [4, 2048, 8]);
    assert.deepEqual(recipe.provisioning.ssh_keys, ["~/.ssh/id_ed25519.pub"]);
    assert.equal((await run(lab, directory, ["validate", "web-1.yaml"])).status, 0);
    assert.equal((await run(lab, directory, ["create", "web-1.yaml", "--dry-run"])).status, 0);
    const flags = ["--hostname", "web-1", "--template", "debian-13"];
    const again = await run(lab, directory, ["init", ...flags]);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /web-1\.yaml already exists\nhint: --force/);
    assert.equal((await run(lab, directory, ["init", ...flags, "--force"])).status, 0);
    assert.equal((await loadRecipe(first.platform, "web-1.yaml")).container.resources.cores, 2);
  });
  assert.deepEqual(lab.changes(), []);
});

Deno.test("init and create --save refuse a file that they cannot write before anything is asked", async () => {
  await using lab = await startLab();
  await withHome([], async (directory) => {
    await Deno.mkdir(`${directory}/there`);
    for (const command of [["init"], ["create", "--yes", "--save"]]) {
      const missing = await run(lab, directory, [...command, "none/web.yaml"], []);
      assert.equal(missing.status, 3, missing.stderr);
      assert.match(missing.stderr, /directory \S+\/none not found\nhint: .*: mkdir -p \S+\/none\n/);
      const there = await run(lab, directory, [...command, "there"], []);
      assert.equal(there.status, 2, there.stderr);
      assert.match(there.stderr, /cannot write there: it is a directory/);
      for (const { stderr } of [missing, there]) assert.doesNotMatch(stderr, /Hostname/);
    }
    assert.equal((await Array.fromAsync(Deno.readDir(`${directory}/there`))).length, 0);
  });
  assert.deepEqual(lab.containers(), []);
});

Deno.test("init needs no cluster, and prints to standard output for -", async () => {
  const platform = testPlatform({ answers: ["web-1", "debian-13", ""] });
  assert.equal(await runCli(["init", "-"], platform), 0, platform.stderr());
  assert.match(platform.stderr(), /no cluster is asked for its templates/);
  assert.match(platform.stdout(), /hostname: web-1\n {2}template: debian-13\n/);
});
