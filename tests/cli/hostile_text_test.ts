import assert from "node:assert/strict";
import { parse } from "../../deps/yaml.ts";
import { placeCt } from "../../sim/mod.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { reverseProxy } from "../support/reverse_proxy.ts";

/** What a server, a container or somebody with rights on it may put wherever there is text. */
const HOSTILE = "\x1b[31mPWN\x1b[2J\x1b]52;c;aGk=\x07\x9b1A\r\b\0\u202e\u2066\u200b\u{e0041}\u2028";
/** None of it may come through but as text. */
const OBEYED = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Our own colors: with these it is seen whether any of the others pass as ours. */
// deno-lint-ignore no-control-regex -- that is how a color begins and ends
const COLORS = /\x1b\[(?:1|2|22|31|32|33|39)m/g;

/** Fields of replies that hold text which nothing goes by. */
const FIELDS = new Set([
  ...["name", "hostname", "description", "tags", "comment", "t", "exitstatus", "message"],
  ...["template", "lock", "status", "pveversion"],
]);

/** Adds it to every text of a reply that is in one of the fields. */
function poisoned(fields: ReadonlySet<string>) {
  const poison = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(poison);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        typeof one === "string" && fields.has(key) ? `${one}${HOSTILE}` : poison(one),
      ]),
    );
  };
  return (text: string, _method: string, path: string): string => {
    // An interface is waited for by its name.
    if (path.endsWith("/interfaces")) return text;
    try {
      return JSON.stringify(poison(JSON.parse(text)));
    } catch {
      return text;
    }
  };
}

function assertPlain(text: string, what: string): void {
  assert.ok(!text.includes("\x1b[31mPWN"), `${what} passes a color for ours`);
  const found = OBEYED.exec(text.replace(COLORS, ""));
  assert.equal(found, null, `${what}: ${JSON.stringify(text.slice((found?.index ?? 0) - 80))}`);
}

const commands: readonly (readonly string[])[] = [
  ["list"],
  ["list", "--ips"],
  ["list", "-q"],
  ["doctor", "--verbose"],
  ["cleanup", "--dry-run"],
  ["cleanup", "--yes"],
  ["destroy", "105", "--dry-run"],
  ["destroy", "105", "--yes"],
  ["create", "--hostname", "new-1", "--template", "debian-13", "--dry-run"],
  ["create", "--hostname", "new-1", "--template", "debian-13", "--yes", "--debug"],
  ["exec", "105", "--", "true"],
  ["shell", "105"],
  ["pull", "105", "/etc/hostname", "-"],
  ["provision", "105", "/nonexistent"],
  ["wait", "UPID:pve01:0000ABCD:00012345:6B039D73:vzcreate:105:root@pam:"],
];

/** A cluster with a container to do something with, and one that a run seems to have left. */
async function startInhabited(): Promise<Lab> {
  const lab = await startLab();
  const { cluster } = lab.simulator;
  placeCt(cluster, { vmid: 105, node: "pve01", status: "running", config: { tags: "web" } });
  placeCt(cluster, {
    vmid: 106,
    node: "pve01",
    config: {
      tags: "pxrun-creating",
      description: `pxrun-run: ab12cd34 of 106 on laptop${HOSTILE} pid 4242 ` +
        "since 2025-01-01T00:00:00.000Z",
    },
  });
  return lab;
}

for (const field of [...FIELDS, "all"]) {
  Deno.test(`no command passes on what a server writes into ${field}`, async () => {
    await using lab = await startInhabited();
    const rewrites = poisoned(field === "all" ? FIELDS : new Set([field]));
    await using proxy = await reverseProxy(lab.simulator, { rewrites });
    for (const args of commands) {
      for (const more of [[], ["--format", "json"], ["--format", "yaml"], ["--events"]]) {
        if (more.length > 0 && field !== "all") continue;
        const env = { ...proxy.env, FORCE_COLOR: more.length === 0 ? "1" : "" };
        const { stdout, stderr } = await lab.run([...args, ...more], { env });
        const what = [...args, ...more].join(" ");
        assertPlain(stdout, `${what} on standard output`);
        assertPlain(stderr, `${what} on standard error`);
      }
    }
  });
}

Deno.test("list as JSON and YAML says what a name really is, in plain characters", async () => {
  await using lab = await startInhabited();
  const rewrites = poisoned(new Set(["tags", "hostname", "name"]));
  await using proxy = await reverseProxy(lab.simulator, { rewrites });
  const json = await lab.run(["list", "--format", "json"], { env: proxy.env });
  const yaml = await lab.run(["list", "--format", "yaml"], { env: proxy.env });
  assert.match(json.stdout, /^[\n -~]*$/);
  assert.match(yaml.stdout, /^[\n -~]*$/);
  assert.deepEqual(parse(yaml.stdout), JSON.parse(json.stdout));
  assert.ok(JSON.stringify(JSON.parse(json.stdout)).includes("PWN\\u001b[2J"));
});

Deno.test("a refusal of the server is shown in plain characters, and so is a reply that is none", async () => {
  await using lab = await startInhabited();
  for (
    const reply of [
      JSON.stringify({ data: null, message: `no ${HOSTILE}`, errors: { vmid: HOSTILE } }),
      JSON.stringify({ data: HOSTILE }),
      JSON.stringify({ data: [{ node: HOSTILE }] }),
      HOSTILE,
    ]
  ) {
    await using proxy = await reverseProxy(lab.simulator, { rewrites: () => reply });
    for (const args of [["list"], ["--debug", "destroy", "105", "--yes"], ["doctor"]]) {
      const { status, stdout, stderr } = await lab.run(args, { env: proxy.env });
      assert.notEqual(status, 0);
      assertPlain(stdout + stderr, args.join(" "));
    }
  }
});

Deno.test("what a program in a container says about a pull is shown in plain characters", async () => {
  await using lab = await startLab();
  const made = await lab.run(["create", "--hostname", "web-1", "--template", "debian-13"]);
  assert.equal(made.status, 0, made.stderr);
  const bytes = JSON.stringify(HOSTILE).slice(1, -1).replaceAll("\\b", "");
  for (const name of ["stat", "cat", "tar", "sh", "wc"]) {
    const script = `#!/bin/sh\nprintf '${HOSTILE.replaceAll("\0", "")}${bytes}' >&2\nexit 1\n`;
    const pushed = await lab.run(
      ["push", "web-1", "-", `/usr/local/bin/${name}`, "--mode", "0755"],
      {
        stdin: script,
      },
    );
    if (pushed.status !== 0) continue;
    for (const more of [[], ["--format", "json"], ["--debug"]]) {
      const args = ["pull", "web-1", "/etc/os-release", "-", ...more];
      const { stdout, stderr } = await lab.run(args, { env: { FORCE_COLOR: "1" } });
      if (more.includes("json")) assertPlain(stdout, args.join(" "));
      assertPlain(stderr, args.join(" "));
    }
  }
});

Deno.test("tailscale nodes shows what a tailnet says in plain characters", async () => {
  await using lab = await startLab();
  const device = {
    ...{ nodeId: "n1", id: "1", name: `a${HOSTILE}`, hostname: `a${HOSTILE}`, os: HOSTILE },
    ...{ addresses: [HOSTILE], tags: [HOSTILE], lastSeen: HOSTILE, user: HOSTILE },
  };
  const replies = [
    () => Response.json({ devices: [device] }),
    () => Response.json({ message: HOSTILE }, { status: 403 }),
    () => new Response(HOSTILE),
  ];
  for (const reply of replies) {
    for (const more of [[], ["--format", "json"], ["--format", "yaml"]]) {
      const { stdout, stderr } = await lab.run(["tailscale", "nodes", ...more], {
        env: { TAILSCALE_API_KEY: "tskey-api-x", FORCE_COLOR: "1" },
        fetch: () => Promise.resolve(reply()),
      });
      assert.notEqual(stdout + stderr, "");
      assertPlain(stdout + stderr, "tailscale nodes");
    }
  }
});

Deno.test("files and arguments of the user's are shown in plain characters, too", async () => {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir();
  try {
    const recipe = `${directory}/${HOSTILE.replaceAll("\0", "")}.yaml`;
    await Deno.writeTextFile(recipe, `container: { hostname: "${HOSTILE}", ${HOSTILE}: 1 }\n`);
    const config = `${directory}/config.yaml`;
    const pool = JSON.stringify(`a${HOSTILE}`);
    await Deno.writeTextFile(config, `contexts: { ${pool}: { host: pve, pool: ${pool} } }\n`, {
      mode: 0o600,
    });
    const env = { PXRUN_CONFIG: config, FORCE_COLOR: "1" };
    for (
      const args of [
        ["validate", recipe],
        ["config", "list"],
        ["config", "get"],
        ["config", "get", "pool"],
        ["list", HOSTILE],
        [HOSTILE],
        ["destroy", HOSTILE, "--yes"],
        ["--context", HOSTILE, "list"],
        ["doctor", "--verbose"],
      ]
    ) {
      for (const more of [[], ["--format", "json"], ["--format", "yaml"]]) {
        const { stdout, stderr } = await lab.run([...args, ...more], { env });
        assertPlain(stdout + stderr, args.join(" "));
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
