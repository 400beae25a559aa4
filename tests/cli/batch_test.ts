import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { demoPreset } from "../../sim/mod.ts";
import { startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";
import { testPlatform } from "../support/platform.ts";

const kind = 'container: { hostname: "web-{n}", template: debian-13 }\n';
const json = ["--format", "json"];

/** Recipe files in a directory of their own. */
async function withFiles(
  texts: readonly string[],
  test: (files: string[]) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const files = texts.map((_, index) => `${directory}/${index}.yaml`);
    await Promise.all(files.map((file, i) => Deno.writeTextFile(file, texts[i] ?? "")));
    await test(files);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("create --count makes so many of a recipe, each with its own vmid", async () => {
  await using lab = await startLab();
  const args = ["create", "-", "--count", "6", "--parallel", "3", ...json];
  const { status, stdout, stderr } = await lab.run(args, { stdin: kind });
  assert.equal(status, 0, stderr);
  const { containers } = JSON.parse(stdout);
  const names = containers.map(({ hostname }: { hostname: string }) => hostname);
  assert.deepEqual(names.toSorted(), [1, 2, 3, 4, 5, 6].map((n) => `web-${n}`));
  assert.deepEqual(
    lab.containers().map((line) => line.split(" ")[0]).toSorted(),
    ["100", "101", "102", "103", "104", "105"],
  );
  assert.match(stderr, /HOSTNAME +VMID.*\nweb-1 +100 /);
  // What the plan says, and not only what comes of it.
  const planned = [...stderr.matchAll(/^web-\d +(\d+) /gm)].map(([, vmid]) => vmid);
  assert.deepEqual(planned, ["100", "101", "102", "103", "104", "105"]);
  assert.match(stderr, /✓ web-3 {2}10\d on pve0\d {2}10\.77\./);
  assert.match(stderr, /6 created in /);
});

Deno.test("create of several takes vmids in their order, in --dry-run and in the run, however replies come", async () => {
  await using lab = await startLab();
  const fixed = "container: { hostname: fixed, template: debian-13, vmid: 101 }\n";
  await withFiles([named("a"), fixed, named("b"), named("c")], async (files) => {
    const planned = async (): Promise<string[]> => {
      // The first reply comes last.
      lab.simulator.inject({ name: "delay", path: "/cluster/nextid", ms: 300, times: 1 });
      const { stdout } = await lab.run(["create", ...files, "--dry-run", ...json]);
      return JSON.parse(stdout).plans.map((plan: { vmid: number; hostname: string }) =>
        `${plan.vmid} ${plan.hostname}`
      );
    };
    const expected = ["100 a", "101 fixed", "102 b", "103 c"];
    for (let i = 0; i < 3; i++) assert.deepEqual(await planned(), expected);
    lab.simulator.inject({ name: "delay", path: "/cluster/nextid", ms: 300, times: 1 });
    assert.equal((await lab.run(["create", ...files, "--no-start"])).status, 0);
    assert.deepEqual(lab.containers().toSorted(), expected);
  });
});

Deno.test("create --count adds its number to a hostname without a place for it", async () => {
  await using lab = await startLab();
  const flags = ["create", "--hostname", "a", "--template", "debian-13", "--count", "2"];
  const { status, stderr } = await lab.run([...flags, "--no-start"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers().toSorted(), ["100 a-1", "101 a-2"]);
  const wrong = await lab.run([...flags.slice(0, -1), "0"]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /"0" is not a number of containers/);
  const alone = await lab.run(["create", "-"], { stdin: kind });
  assert.equal(alone.status, 2);
  assert.match(alone.stderr, /container\.hostname/);
});

const named = (name: string): string => `container: { hostname: ${name}, template: debian-13 }\n`;

Deno.test("create of several recipes goes on after a failure, and says which are not there", async () => {
  await using lab = await startLab();
  const message = "no more disks";
  lab.simulator.cluster.faults.push({ name: "task-failure", type: "vzcreate", message, times: 1 });
  await withFiles(["a", "b", "c"].map(named), async (files) => {
    const { status, stdout, stderr } = await lab.run(["create", ...files, ...json]);
    assert.equal(status, 1);
    assert.match(stderr, /✗ [abc] {2}.*no more disks/);
    assert.match(stderr, /2 created, 1 failed in .*\nerror: 1 of 3 did not succeed: [abc]\n/s);
    assert.equal(lab.containers().length, 2);
    const { containers, error } = JSON.parse(stdout);
    assert.equal(error.code, "TASK_FAILED");
    assert.equal(containers.filter((one: object) => "error" in one).length, 1);
  });
});

Deno.test("create of several says to programs which of those that failed is kept", async () => {
  await using lab = await startLab();
  const failing = `${kind}provisioning: { scripts: [{ content: "exit 7" }] }\n`;
  const args = [
    "create",
    "-",
    "--count",
    "2",
    "--parallel",
    "1",
    "--fail-fast",
    "--allow-duplicate",
  ];
  const { stdout } = await lab.run([...args, ...json], { stdin: failing });
  const [{ error, kept }, second] = JSON.parse(stdout).containers;
  const node = lab.simulator.cluster.cts.get(100)?.node;
  assert.equal(error.code, "STEP_FAILED");
  assert.deepEqual(kept, { vmid: 100, node, hostname: "web-1" });
  assert.deepEqual(second, { hostname: "web-2", skipped: true });
  const events = (await lab.run([...args, "--events"], { stdin: failing })).stdout;
  const failed = events.trimEnd().split("\n").map((line) => JSON.parse(line)).find(
    ({ type }) => type === "failed",
  );
  assert.deepEqual([failed.error.code, failed.kept.vmid], ["STEP_FAILED", 101]);
});

Deno.test("create --timings of several shows the steps of each container together", async () => {
  await using lab = await startLab();
  const args = ["create", "-", "--count", "2", "--no-start", "--timings"];
  const { status, stderr } = await lab.run(args, { stdin: kind });
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /\n(web-\d: created container \d+ on p.* +\d.*▇\n){2}total +\d.*\n2 created in /,
  );
});

Deno.test("create --fail-fast begins no further one after a failure", async () => {
  await using lab = await startLab();
  const fault = { name: "task-failure", type: "vzcreate", message: "no more disks" } as const;
  lab.simulator.cluster.faults.push(fault);
  const args = ["create", "-", "--count", "4", "--parallel", "1", "--fail-fast"];
  const { status, stderr } = await lab.run(args, { stdin: kind });
  assert.equal(status, 1);
  assert.match(stderr, /✗ web-1 [^]*- web-2 {2}not begun\n[^]*0 created, 1 failed, 3 not begun/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create of several plans all of them before it makes one, and tells every problem", async () => {
  const preset = demoPreset();
  // Of thick disks no more fit than there is room for.
  const storages = preset.storages.map((one) =>
    one.content.includes("rootdir") ? { ...one, type: "lvm" } : one
  );
  await using lab = await startLab({ preset: { ...preset, storages } });
  const wrong = ["pool: nosuch", "node: pve09"].map((wish, i) =>
    `container: { hostname: c${i}, template: debian-13, ${wish} }\n`
  );
  await withFiles([named("good"), ...wrong], async (files) => {
    const { status, stderr } = await lab.run(["create", ...files]);
    assert.equal(status, 3);
    assert.match(
      stderr,
      /cannot create c0 \(\S*1\.yaml\):[^]*pool nosuch not found[^]*cannot create c1 \(\S*2\.yaml\):[^]*no node pve09/,
    );
  });
  await withFiles(["container: { hostnam: a }\n", "container: 1\n"], async (files) => {
    const { status, stderr } = await lab.run(["create", ...files]);
    assert.equal(status, 2);
    for (const file of files) assert.ok(stderr.includes(`${file}:1:`), stderr);
  });
  const fixed = 'container: { hostname: "f-{n}", template: debian-13, vmid: 500 }\n';
  const twice = await lab.run(["create", "-", "--count", "2"], { stdin: fixed });
  assert.match(twice.stderr, /several of these want vmid 500/);
  const many = await lab.run(["create", "-", "--count", "200"], { stdin: kind });
  assert.match(
    many.stderr,
    /^error: cannot create web-\d+ and \d+ more, up to web-200 \(stdin\):\n/,
  );
  const said = many.stderr.split("no storage on pve01, pve02 has room for 10 GiB");
  assert.equal(said.length, 2, "once for all nodes");
  const stdinTwice = await lab.run(["create", "-", "-"], { stdin: named("a") });
  assert.equal(stdinTwice.status, 2);
  assert.match(stdinTwice.stderr, /cannot be read twice\nhint: --count/);
  assert.ok(lab.simulator.requests.every(({ method }) => method === "GET"));
});

Deno.test("create of several leaves nothing of those under way when it is interrupted", async () => {
  await using lab = await startLab({ timings: { createMs: 20_000 } });
  const platform = lab.platform({ stdin: kind });
  const running = runCli(["create", "-", "--count", "5", "--parallel", "2"], platform);
  const creating = (): number =>
    lab.simulator.requests.filter(({ method, path }) => method === "POST" && /lxc$/.test(path))
      .length;
  await until("two creates", () => creating() === 2);
  platform.interrupt();
  assert.equal(await running, 130, platform.stderr());
  assert.match(platform.stderr(), /0 created, 2 interrupted, 3 not begun/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create of several prints events with the container that each is about", async () => {
  await using lab = await startLab();
  const args = ["create", "-", "--count", "2", "--events", "--no-start"];
  const { status, stdout, stderr } = await lab.run(args, { stdin: kind });
  assert.equal(status, 0, stderr);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const created = events.filter(({ type }) => type === "created");
  assert.deepEqual(created.map(({ container }) => container).toSorted(), ["web-1", "web-2"]);
});

Deno.test("destroy of several asks with the vmid and the name of each", async () => {
  await using lab = await startLab();
  const made = await lab.run(["create", "-", "--count", "2", "--no-start"], { stdin: kind });
  assert.equal(made.status, 0, made.stderr);
  const { stderr } = await lab.run(["destroy", "web-1", "web-2"], { answers: ["n"] });
  assert.match(stderr, /Destroy these 2: 10[01] web-1, 10[01] web-2\?[^]*cancelled\n$/);
  assert.equal(lab.containers().length, 2);
});

Deno.test("create says the problems of a recipe once that is named twice", async () => {
  await using lab = await startLab();
  await withFiles([kind], async ([file = ""]) => {
    const { status, stderr } = await lab.run(["create", file, file]);
    assert.equal(status, 2);
    assert.equal(stderr.split("{n} is the number that `create --count N` gives").length, 2, stderr);
  });
});

Deno.test("validate takes a recipe for several as it is, and still sees what is wrong with its name", async () => {
  const platform = testPlatform({ stdin: kind });
  assert.equal(await runCli(["validate", "-"], platform), 0, platform.stderr());
  const wrong = testPlatform({ stdin: kind.replace("web-", "web_") });
  assert.equal(await runCli(["validate", "-"], wrong), 2);
  assert.match(wrong.stderr(), /container\.hostname/);
});

Deno.test("create names every recipe that is missing or wrong, and does nothing", async () => {
  await using lab = await startLab();
  await withFiles(["container: { hostname: a }\n"], async ([wrong = ""]) => {
    const { status, stderr } = await lab.run(["create", "/no/1.yaml", wrong, "/no/2.yaml"]);
    assert.equal(status, 3, stderr);
    for (
      const part of [
        /file \/no\/1\.yaml not found/,
        /container\.template/,
        /file \/no\/2\.yaml not found/,
      ]
    ) {
      assert.match(stderr, part);
    }
  });
  assert.equal(lab.simulator.requests.length, 0);
});
