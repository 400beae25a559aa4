/** Start-up of pxrun, in processes of Deno, against a script that does nothing. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../bundle.ts";
import type { Row } from "./row.ts";
import { medians } from "./time.ts";

const root = join(import.meta.dirname ?? ".", "../..");
const RUNS = 15;

async function deno(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", ...args],
    cwd: root,
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** A script that does nothing but import these of deps/. */
async function importing(directory: string, names: readonly string[]): Promise<string> {
  const script = join(directory, `${names.join("_")}.ts`);
  const from = pathToFileURL(join(root, "deps"));
  await Deno.writeTextFile(script, names.map((name) => `import "${from}/${name}.ts";\n`).join(""));
  return script;
}

/** `--help`, `--version` and `validate`, from the sources and as the bundle. */
export async function startUp(): Promise<Row[]> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-bench-" });
  try {
    const [bundled = ""] = await bundle(directory);
    const empty = join(directory, "empty.ts");
    await Deno.writeTextFile(empty, "");
    const validate = ["validate", "examples/web.yaml"];
    const commander = await importing(directory, ["commander"]);
    const libraries = await importing(directory, ["commander", "yaml", "valibot"]);
    const rows: (Pick<Row, "name" | "budget"> & { args: string[] })[] = [
      { name: "pxrun --help", args: ["main.ts", "--help"], budget: 3 },
      { name: "pxrun --version", args: ["main.ts", "--version"], budget: 3 },
      { name: "pxrun --help, bundled", args: [bundled, "--help"], budget: 2 },
      { name: "pxrun --version, bundled", args: [bundled, "--version"], budget: 2 },
      { name: "pxrun validate, bundled", args: [bundled, ...validate], budget: 6 },
      { name: "pxrun validate, from the sources", args: ["main.ts", ...validate] },
      { name: "a script that only imports commander", args: [commander] },
      { name: "a script that only imports commander, yaml and valibot", args: [libraries] },
    ];
    const runs = [[empty], ...rows.map(({ args }) => args)].map((args) => () => deno(args));
    const [ideal = NaN, ...measured] = await medians(RUNS, runs);
    return rows.map(({ args: _, ...row }, i) => {
      return { ...row, measured: measured[i] ?? NaN, ideal, of: "ratio", unit: "ms" };
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
