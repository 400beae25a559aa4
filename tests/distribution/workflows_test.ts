import assert from "node:assert/strict";
import { parse } from "../../deps/yaml.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = new URL("../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));

for (const name of ["ci.yml", "release.yml"]) {
  const text = await Deno.readTextFile(new URL(`.github/workflows/${name}`, root));
  const workflow: Workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  Deno.test(`${name} calls tasks that there are, and pins what it takes from others`, () => {
    const called = [...text.matchAll(/\bdeno task ([\w:-]+)/g)].map(([, task = ""]) => task);
    assert.ok(called.includes("release") && called.includes("smoke"), called.join(" "));
    for (const task of called) assert.ok(task in tasks, `deno task ${task}`);
    const uses = steps.flatMap((step) => step.uses ?? []);
    assert.ok(uses.length > 0);
    for (const one of uses) assert.match(one, /^actions\/[\w-]+@[0-9a-f]{40}$/);
    for (const [, version] of text.matchAll(/\bdeno@(\S+)/g)) {
      assert.equal(version, Deno.version.deno, "the Deno that the tests run on");
    }
  });

  Deno.test(`${name} gives rights to the job that publishes alone, and ends`, () => {
    assert.deepEqual(workflow.permissions, { contents: "read" });
    for (const [job, { needs, permissions, ...rest }] of jobs) {
      assert.ok((rest["timeout-minutes"] ?? 0) > 0, job);
      if (needs !== undefined) assert.ok(needs in workflow.jobs, `${job} needs ${needs}`);
      assert.equal(permissions !== undefined, job === "publish", job);
    }
    const secrets = /\$\{\{\s*secrets\./;
    assert.doesNotMatch(text, secrets, "npm and JSR trust the workflow itself");
    // What comes from outside is never part of a script.
    for (const { run = "" } of steps) assert.doesNotMatch(run, /\$\{\{/);
  });
}
