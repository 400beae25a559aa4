import assert from "node:assert/strict";
import { join } from "node:path";
import { createProgram } from "../../lib/cli/app/program.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { LAUNCHER_FLAGS, LAUNCHER_PROGRAMS } from "../../tasks/launcher.ts";
import { alone } from "../support/alone.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { testPlatform } from "../support/platform.ts";

const root = join(import.meta.dirname ?? ".", "..", "..");
const BASE = ["--allow-env", "--allow-read", "--allow-sys=hostname"];

/** The flags of each command as docs/permissions.md lists them, those of every command too. */
async function documented(): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await Deno.readTextFile(join(root, "docs/permissions.md"));
  const rows = [...text.matchAll(/^\| (`.+?`) +\| (.*?) *\|$/gm)];
  return new Map(rows.flatMap(([, commands = "", flags = ""]) => {
    const more = flags.replaceAll("`", "").split(" ").filter((flag) => flag !== "");
    return [...commands.matchAll(/`(\w+)`/g)].map(([, name = ""]) =>
      [name, [...BASE, ...more]] as const
    );
  }));
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs pxrun from its sources, in a process of its own with these permissions alone. */
async function run(lab: Lab, cwd: string, flags: readonly string[], args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--cached-only", "--no-check", "--quiet", ...flags],
      ...[join(root, "main.ts"), ...args],
    ],
    cwd,
    ...alone({ ...lab.simulator.env(), NO_COLOR: "1", HOME: cwd }),
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** What is run of each command, in this order; `UPID` is that of the newest task. */
const LINES: readonly (readonly string[])[] = [
  ["validate", "web.yaml"],
  ["schema"],
  ["help", "list"],
  ["init", "new.yaml", "--hostname", "new-1", "--template", "debian-13"],
  ["config", "set", "host", "pve.example"],
  ["config", "list"],
  ["create", "web.yaml", "--yes"],
  ["list"],
  ["wait", "UPID"],
  ["setup", "--print"],
  ["exec", "web-1", "--", "true"],
  ["push", "web-1", "web.yaml", "/root"],
  ["pull", "web-1", "/root/web.yaml", "back.yaml"],
  ["provision", "web-1", "web.yaml"],
  ["doctor"],
  ["cleanup", "--yes"],
  ["destroy", "web-1", "--yes"],
  ["demo"],
];

/** Commands that need a terminal, a site or a program of their own: tested where those are. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "shell",
  "simulator",
  "tailscale",
]);

async function withScene(test: (lab: Lab, directory: string) => Promise<void>): Promise<void> {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir({ prefix: "pxrun-permissions-" });
  try {
    const recipe = "container: { hostname: web-1, template: debian-13 }\n" +
      "provisioning: { packages: [curl] }\n";
    await Deno.writeTextFile(join(directory, "web.yaml"), recipe);
    await test(lab, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("each command works with exactly the flags of docs/permissions.md", async (t) => {
  const flags = await documented();
  await withScene(async (lab, directory) => {
    for (const [name = "", ...args] of LINES) {
      await t.step([name, ...args].join(" "), async () => {
        const given = flags.get(name) ?? assert.fail(`${name} is not in docs/permissions.md`);
        const newest = [...lab.simulator.cluster.tasks.keys()].at(-1) ?? "none";
        const line = [name, ...args].map((word) => word === "UPID" ? newest : word);
        const { code, stderr } = await run(lab, directory, given, line);
        assert.equal(code, 0, stderr);
      });
    }
    assert.deepEqual(lab.containers(), []);
  });
});

Deno.test("docs/permissions.md lists every command, and the launcher has what all of them need", async () => {
  const flags = await documented();
  const commands = createProgram(testPlatform(), [], runCli).commands.map((command) =>
    command.name()
  );
  const known = new Set([...flags.keys()]);
  assert.deepEqual(commands.filter((name) => !known.has(name)), []);
  const tried = new Set(LINES.map(([name]) => name ?? ""));
  assert.deepEqual([...known].filter((name) => !tried.has(name) && !ELSEWHERE.has(name)), []);
  const launcher = [...LAUNCHER_FLAGS, `--allow-run=${LAUNCHER_PROGRAMS.join(",")}`];
  const values = (all: readonly string[], kind: string): string[] =>
    all.filter((flag) => flag.startsWith(`${kind}=`)).flatMap((flag) =>
      flag.slice(kind.length + 1).split(",")
    );
  for (const [name, own] of flags) {
    for (const flag of own) {
      const [kind = ""] = flag.split("=");
      const missing = values([flag], kind).filter((one) => !values(launcher, kind).includes(one));
      assert.deepEqual(missing, [], `${name}: ${flag}`);
      assert.ok(launcher.some((one) => one.split("=")[0] === kind), `${name}: ${flag}`);
    }
  }
  assert.ok(!launcher.some((flag) => /^--allow-(all|ffi)|^-A/.test(flag)));
});

Deno.test("a permission that is missing is an error that names it", async (t) => {
  const cases: readonly (readonly [without: string, flags: readonly string[], ...string[]])[] = [
    ["--allow-read", [], "list"],
    ["--allow-sys=hostname", ["--allow-read"], "list"],
    ["--allow-env", ["--allow-read", "--allow-sys=hostname"], "list"],
    ["--allow-net=127.0.0.1", BASE, "list"],
    ["--allow-run=ssh", [...BASE, "--allow-net"], "create", "web.yaml", "--yes"],
    ["--allow-sys=uid", [...BASE, "--allow-net", "--allow-run=ssh"], "create", "web.yaml", "--yes"],
    ["--allow-write", BASE, "config", "set", "host", "pve.example"],
  ];
  await withScene(async (lab, directory) => {
    for (const [without, flags, ...args] of cases) {
      await t.step(without, async () => {
        const { code, stderr } = await run(lab, directory, flags, args);
        assert.equal(code, 4, stderr);
        assert.ok(stderr.includes(`the permission ${without}`), stderr);
        assert.doesNotMatch(stderr, /bug|NotCapable|\bat file:/);
      });
    }
    assert.deepEqual(lab.containers(), []);
  });
});
