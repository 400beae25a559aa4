/** Start-up of pxrun, in processes of Deno, against a script that does nothing. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../bundle.ts";
import type { Row } from "./row.ts";
import { cpuTime, mediansOf } from "./time.ts";

const root = join(import.meta.dirname ?? ".", "../..");
const RUNS = 15;

function deno(args: readonly string[]): Promise<number> {
  return cpuTime(Deno.execPath(), ["run", "-A", "--cached-only", ...args], root);
}

/** The bundle by URL; what it answers is in Deno's cache from its first run on. */
function serveFiles(directory: string): { url: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const file = join(directory, new URL(request.url).pathname.slice(1));
    const headers = { "content-type": "text/javascript" };
    return new Response(await Deno.readTextFile(file), { headers });
  });
  const url = `http://127.0.0.1:${server.addr.port}/pxrun.js`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** A script that does nothing but import these of deps/. */
async function importing(directory: string, names: readonly string[]): Promise<string> {
  const script = join(directory, `${names.join("_")}.ts`);
  const from = pathToFileURL(join(root, "deps"));
  await Deno.writeTextFile(script, names.map((name) => `import "${from}/${name}.ts";\n`).join(""));
  return script;
}

/** `--help`, `--version` and `validate`, in each form that there is. Processor time, not time. */
export async function startUp(): Promise<Row[]> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-bench-" });
  try {
    const [bundled = ""] = await bundle(directory);
    await using served = serveFiles(directory);
    const empty = join(directory, "empty.ts");
    await Deno.writeTextFile(empty, "");
    const validate = ["validate", "examples/web.yaml"];
    const commander = await importing(directory, ["commander"]);
    const libraries = await importing(directory, ["commander", "yaml", "valibot"]);
    const module = join(directory, "module.ts");
    await Deno.writeTextFile(module, `import "${pathToFileURL(join(root, "mod.ts"))}";\n`);
    for (const args of [["list", "--help"], validate]) {
      await cpuTime(Deno.execPath(), ["run", "-A", served.url, ...args], root);
    }
    const rows: (Pick<Row, "name" | "budget"> & { args: string[] })[] = [
      { name: "pxrun --help", args: ["main.ts", "--help"], budget: 3 },
      { name: "pxrun --version", args: ["main.ts", "--version"], budget: 3 },
      { name: "pxrun --help, bundled", args: [bundled, "--help"], budget: 1.3 },
      { name: "pxrun --version, bundled", args: [bundled, "--version"], budget: 1.3 },
      { name: "pxrun list --help, bundled", args: [bundled, "list", "--help"] },
      { name: "pxrun validate, bundled", args: [bundled, ...validate], budget: 3.2 },
      { name: "pxrun validate, bundled, by URL", args: [served.url, ...validate] },
      { name: "pxrun validate, from the sources", args: ["main.ts", ...validate], budget: 7.5 },
      { name: "a script that only imports mod.ts", args: [module] },
      { name: "a script that only imports commander", args: [commander] },
      { name: "a script that only imports commander, yaml and valibot", args: [libraries] },
    ];
    const runs = [[empty], ...rows.map(({ args }) => args)].map((args) => () => deno(args));
    const [ideal = NaN, ...measured] = await mediansOf(RUNS, runs);
    return rows.map(({ args: _, ...row }, i) => {
      return { ...row, measured: measured[i] ?? NaN, ideal, of: "ratio", unit: "ms" };
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
