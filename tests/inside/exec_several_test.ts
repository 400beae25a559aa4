import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

/** A lab with web-1 and web-2, which run with the tag web, and db-1, which does not run. */
async function labWithThree(): Promise<Lab> {
  const lab = await startLab();
  const create = (args: readonly string[]) =>
    lab.run(["create", "--template", "debian-13", "--yes", ...args]);
  const web = await create(["--hostname", "web-{n}", "--count", "2", "--tag", "web"]);
  assert.equal(web.status, 0, web.stderr);
  assert.equal((await create(["--hostname", "db-1", "--no-start"])).status, 0);
  return lab;
}

Deno.test("exec runs in all that have something in common, and says whose output is whose", async () => {
  await using lab = await labWithThree();
  // The last of these lines has no end.
  const script = "hostname; echo wrong >&2; cat; printf two";
  const { status, stdout, stderr } = await lab.run(
    ["exec", "--tag", "web", "--", "sh", "-c", script],
    { stdin: "not for them" },
  );
  assert.equal(status, 0, stderr);
  assert.deepEqual(stdout.trim().split("\n").toSorted(), [
    "web-1 │ two",
    "web-1 │ web-1",
    "web-2 │ two",
    "web-2 │ web-2",
  ]);
  assert.deepEqual(stderr.trim().split("\n").toSorted(), ["web-1 │ wrong", "web-2 │ wrong"]);
});

Deno.test("exec runs in all that are named before --, and its status says whether all went well", async () => {
  await using lab = await labWithThree();
  const inBoth = ["exec", "web-1", "web-2", "--"];
  const one = await lab.run([...inBoth, "sh", "-c", 'test "$(hostname)" = web-1 || exit 7']);
  assert.equal(one.status, 1);
  assert.equal(one.stderr, "✗ web-2  exited 7\n");
  const stopped = await lab.run(["exec", "web-1", "db-1", "--", "hostname"]);
  assert.equal(stopped.status, 125);
  assert.equal(stopped.stdout, "web-1 │ web-1\n");
  assert.match(stopped.stderr, /✗ db-1 {2}.*\n {2}hint: /);
  const lists = () => lab.simulator.requests.filter(({ path }) => path.endsWith("/resources"));
  const before = lists().length;
  assert.equal((await lab.run([...inBoth, "true"])).status, 0);
  assert.equal(lists().length - before, 1, "the cluster is asked once, however many are named");
  const unknown = await lab.run(["exec", "web-1", "web-3", "--", "touch", "/here"]);
  assert.equal(unknown.status, 125);
  assert.match(unknown.stderr, /container web-3 not found/);
  assert.equal((await lab.run(["exec", "web-1", "--", "test", "-e", "/here"])).status, 1);
});

Deno.test("exec tells what is missing before anything runs", async () => {
  await using lab = await labWithThree();
  for (
    const [args, problem] of [
      [["web-1"], /there is no command to run[^]*after --: pxrun exec web-1 -- ls/],
      [["--tag", "web", "hostname"], /there is no command to run/],
      [["--tag", "web", "echo", "hi"], /there is no command to run[^]*after --/],
      [["web-1", "--"], /there is no command to run/],
      [["--", "hostname"], /nothing says which containers/],
      [["web-1", "--tag", "web", "--", "hostname"], /both named and selected/],
      [["--tag", "none", "--", "hostname"], /no container with the tag none/],
    ] as const
  ) {
    const { status, stderr } = await lab.run(["exec", ...args]);
    assert.equal(status, 125, stderr);
    assert.match(stderr, problem);
  }
});

Deno.test("exec has what several containers answered as data, too", async () => {
  await using lab = await labWithThree();
  const args = ["exec", "--node", "pve01", "--status", "running", "--tag", "web", "--"];
  const script = "echo a; echo b; echo c >&2; exit 3";
  const json = await lab.run(["--format", "json", ...args, "sh", "-c", script]);
  assert.equal(json.status, 1);
  const { containers } = JSON.parse(json.stdout);
  assert.ok(containers.length > 0);
  for (const { vmid, hostname, ...rest } of containers) {
    assert.match(`${vmid} ${hostname}`, /^10[01] web-[12]$/);
    assert.deepEqual(rest, { node: "pve01", code: 3, stdout: "a\nb\n", stderr: "c\n" });
  }
  const events = await lab.run(["--events", ...args, "sh", "-c", script]);
  const types = events.stdout.trim().split("\n").map((line) => JSON.parse(line).type);
  assert.deepEqual(new Set(types), new Set(["line", "exited"]));
});

Deno.test("exec keeps apart what several containers of one name print", async () => {
  await using lab = await startLab();
  for (const extra of [[], [], ["--no-start"]]) {
    const flags = [
      "--hostname",
      "twin",
      "--template",
      "debian-13",
      "--tag",
      "twins",
      "--allow-duplicate",
    ];
    assert.equal((await lab.run(["create", ...flags, ...extra])).status, 0);
  }
  const args = ["exec", "--tag", "twins", "--", "hostname", "-I"];
  const text = await lab.run(args);
  const shown = text.stdout.trim().split("\n").map((line) => line.trimEnd()).toSorted();
  assert.match(shown.join("\n"), /^twin \(100\) │ 10\.\S+\ntwin \(101\) │ 10\.\S+$/);
  assert.match(text.stderr, /^✗ twin \(102\) {2}/);
  const { containers } = JSON.parse((await lab.run(["--format", "json", ...args])).stdout);
  assert.deepEqual(
    containers.map(({ vmid, hostname, stdout }: Record<string, string>) =>
      `${vmid} ${hostname} ${stdout?.trim()}`
    ),
    [
      ...shown.map((line) => line.replace(/^twin \((\d+)\) │/, "$1 twin")),
      "102 twin undefined",
    ],
  );
  const gone = await lab.run(["destroy", "--tag", "twins", "--yes"]);
  for (const vmid of [100, 101, 102]) {
    assert.match(gone.stderr, RegExp(`✓ twin \\(${vmid}\\)  destroyed`));
  }
});

Deno.test("exec ends what runs in several containers on Ctrl-C", async () => {
  await using lab = await labWithThree();
  const platform = lab.platform();
  const run = runCli(["exec", "--tag", "web", "--", "sleep", "1000"], platform);
  const sleeping = (): number =>
    lab.simulator.ssh.commands.filter(({ command }) => command.includes("sleep")).length;
  await until("both to run", () => sleeping() === 2);
  platform.interrupt("SIGINT");
  assert.equal(await run, 125);
  assert.match(platform.stderr(), /! web-1 {2}interrupted: [^]*error: interrupted: the exec/);
  const left = await lab.run(["exec", "web-1", "web-2", "--", "ps", "ax"]);
  assert.equal(left.status, 0, left.stderr);
  assert.match(left.stdout, /web-2 │ .*ps ax/);
  assert.doesNotMatch(left.stdout, /sleep/);
});
