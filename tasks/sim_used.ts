/**
 * `deno task sim:used [FILES]`: runs the tests outside of sim, or some of them, and fails when less
 * than 95 % of the lines of sim/unix is covered by them, or when one of them imports sim/unix: what
 * only the simulator's own tests reach is not needed. CI does the same with the coverage that
 * `deno task test` measures there.
 */
import { dirname, join, normalize, relative } from "node:path";
import { aloneEnv } from "../tests/support/alone.ts";
import { lineCoverage } from "./coverage.ts";

const root = join(import.meta.dirname ?? ".", "..");
const UNIX = "sim/unix/";
const minimum = 95;

/** Says how much of the simulator's Unix the profiles of tests outside of it cover; true if enough. */
export async function isSimulatorUsed(profiles: readonly string[]): Promise<boolean> {
  const percent = await lineCoverage(profiles, root, UNIX);
  console.log(
    `line coverage of ${UNIX} from outside: ${percent.toFixed(1)} % (at least ${minimum} %)`,
  );
  const importing = await importers(join(root, "tests"));
  for (const file of importing) console.log(`${file} imports from ${UNIX}; sim/mod.ts has it`);
  return percent >= minimum && importing.length === 0;
}

/** The files of a directory that import from the simulator's Unix, not by way of its modules. */
async function importers(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) found.push(...await importers(path));
    else if (name.endsWith(".ts") && reachesUnix(path, await Deno.readTextFile(path))) {
      found.push(relative(root, path));
    }
  }
  return found;
}

function reachesUnix(path: string, source: string): boolean {
  const imports = source.matchAll(/(?:\bfrom|\bimport\()\s*"(\.[^"]+)"/g);
  return [...imports].some(([, target = ""]) =>
    relative(root, normalize(join(dirname(path), target))).startsWith(UNIX)
  );
}

if (import.meta.main) {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-coverage-" });
  try {
    const files = Deno.args.length > 0 ? Deno.args : ["tests", "--ignore=tests/system"];
    const coverage = [`--coverage=${directory}`, "--coverage-raw-data-only"];
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--parallel", "--no-check", ...coverage, ...files],
      cwd: root,
      clearEnv: true,
      env: aloneEnv(),
      stdin: "null",
    }).spawn().status;
    if (!await isSimulatorUsed([directory]) || !success) Deno.exitCode = 1;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
