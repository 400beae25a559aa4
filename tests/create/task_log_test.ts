import assert from "node:assert/strict";
import { type Lab, startLab } from "../support/simulator.ts";

const flags = ["create", "--hostname", "web-1", "--template", "debian-13"];
const json = ["--format", "json"];
const log = ["run_buffer: 322 Script exited with status 2", "Failed to create network device"];

/** Lets every task of this type fail with a reason that stands in its log alone. */
function failing({ simulator }: Lab, type: string): void {
  simulator.inject({ name: "task-failure", type, message: "it failed", log });
}

/** The lines of a text that are those of the log. */
function shown(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => log.includes(line));
}

for (const type of ["vzcreate", "vzstart", "download"]) {
  Deno.test(`create shows the end of the log of a ${type} that failed, also as data`, async () => {
    await using lab = await startLab();
    failing(lab, type);
    const template = type === "download" ? ["--template", "alpine-3.21"] : [];
    const text = await lab.run([...flags, ...template]);
    assert.equal(text.status, 1);
    assert.deepEqual(shown(text.stderr), log);
    const { error } = JSON.parse((await lab.run([...flags, ...template, ...json])).stdout);
    assert.deepEqual([error.code, error.task.log.slice(0, 2)], ["TASK_FAILED", log]);
    assert.match(error.task.upid, new RegExp(`:${type}:`));
  });
}

Deno.test("create --events has the log in the step that failed, and in its last line", async () => {
  await using lab = await startLab();
  failing(lab, "vzstart");
  const { stdout } = await lab.run([...flags, "--events"]);
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const step = events.find(({ type }) => type === "step-failed");
  assert.deepEqual(step.log.slice(0, 2), log);
  assert.deepEqual(events.at(-1).error.task.log.slice(0, 2), log);
});

Deno.test("create of several shows the log at each that failed, also as data", async () => {
  await using lab = await startLab();
  failing(lab, "vzstart");
  const several = [...flags, "--hostname", "web-{n}", "--count", "2"];
  assert.deepEqual(shown((await lab.run(several)).stderr), [...log, ...log]);
  const { containers } = JSON.parse((await lab.run([...several, ...json])).stdout);
  for (const { error } of containers) assert.deepEqual(error.task.log.slice(0, 2), log);
});

Deno.test("destroy shows the end of the log of its task", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run([...flags, "--no-start"])).status, 0);
  failing(lab, "vzdestroy");
  const { status, stderr } = await lab.run(["destroy", "100", "--yes"]);
  assert.equal(status, 1);
  assert.deepEqual(shown(stderr), log);
});

Deno.test("create that cannot be undone has the log in the warning", async () => {
  await using lab = await startLab();
  failing(lab, "vzstart");
  failing(lab, "vzdestroy");
  const { stderr } = await lab.run(flags);
  const warning = stderr.split("\n").find((line) => line.includes("could not remove"));
  for (const line of log) assert.ok(warning?.includes(line), warning);
});
