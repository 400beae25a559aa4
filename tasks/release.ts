/**
 * `deno task release [--dry-run] [--check]`: makes all files of a release in dist/, and their sums.
 *
 * The version in deno.json, the git tag and the changelog must agree; with `--dry-run` it only says
 * where they do not. `--check` makes everything twice, and fails if a sum differs. Without Deno's base
 * binary there are stand-ins in dist/stand-in instead of binaries; with PXRUN_REQUIRE=denort that
 * is a failure.
 */
import { basename, join, relative } from "node:path";
import { bundle } from "./bundle.ts";
import { npmPackage } from "./npm.ts";
import { archiveOf } from "./release/archive.ts";
import { type Binaries, compileBinaries } from "./release/binaries.ts";
import { formula, installScript } from "./release/installers.ts";
import { manPages } from "./release/man.ts";
import { checkModule } from "./release/module.ts";
import { billOfMaterials, specifiersOf } from "./release/sbom.ts";
import { sumsOf, sumsText } from "./release/sums.ts";
import { tagOf, versionProblems } from "./release/version.ts";

const root = join(import.meta.dirname ?? ".", "..");
const dist = join(root, "dist");
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Release {
  /** The sums of the files to publish. */
  readonly sums: ReadonlyMap<string, string>;
  /** Those of stand-ins. */
  readonly standIns: ReadonlyMap<string, string>;
  readonly binaries: Binaries;
}

/** Makes everything. */
async function makeRelease(version: string): Promise<Release> {
  await emptyDist();
  const bundled = await bundle(dist);
  const binaries = await compileBinaries(bundled, dist);
  const files = [
    ...bundled,
    await npmPackage(version, bundled, dist),
    await bundleArchive(version, bundled),
    await manArchive(version),
    await billFile(version),
    await textFile("install.sh", await installScript(version)),
    join(dist, "recipe.schema.json"),
    ...binaries.standIn === undefined ? binaries.paths : [],
  ];
  await Deno.copyFile(join(root, "recipe.schema.json"), join(dist, "recipe.schema.json"));
  const binarySums = await sumsOf(binaries.paths);
  const brew = formula(version, binarySums);
  if (brew === undefined) throw new Error("there is no binary for every machine of the formula");
  const brewFile = binaries.standIn === undefined ? "pxrun.rb" : "stand-in/pxrun.rb";
  const brewPath = await textFile(brewFile, brew);
  if (binaries.standIn === undefined) files.push(brewPath);
  const sums = await sumsOf(files);
  await textFile("SHA256SUMS", sumsText(sums));
  return {
    sums,
    binaries,
    standIns: binaries.standIn === undefined ? new Map() : await sumsOf(binaries.paths),
  };
}

async function emptyDist(): Promise<void> {
  await Deno.mkdir(dist, { recursive: true });
  for await (const { name } of Deno.readDir(dist)) {
    if (name !== ".gitkeep") await Deno.remove(join(dist, name), { recursive: true });
  }
}

async function textFile(name: string, text: string): Promise<string> {
  await Deno.writeTextFile(join(dist, name), text);
  return join(dist, name);
}

/** The bundle and its launcher in one file, for a directory of the user's. */
async function bundleArchive(version: string, bundled: readonly string[]): Promise<string> {
  const path = join(dist, `pxrun-${version}-bundle.tgz`);
  const files = await Promise.all([join(dist, "pxrun"), ...bundled].map(async (file) => ({
    path: basename(file),
    bytes: await Deno.readFile(file),
    executable: basename(file) === "pxrun",
  })));
  await Deno.writeFile(path, await archiveOf(`pxrun-${version}`, files));
  return path;
}

async function manArchive(version: string): Promise<string> {
  const path = join(dist, `pxrun-${version}-man.tgz`);
  const pages = [...manPages(version)].map(([name, text]) => ({
    path: name,
    bytes: encode(text),
    executable: false,
  }));
  await Deno.writeFile(path, await archiveOf("man1", pages));
  return path;
}

async function billFile(version: string): Promise<string> {
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  const loaded = await specifiersOf(join(root, "main.ts"));
  const bill = billOfMaterials(version, lock, loaded);
  return await textFile(`pxrun-${version}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
}

/** The names whose sums are not the same twice. */
function differing(
  first: ReadonlyMap<string, string>,
  second: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((name) => first.get(name) !== second.get(name));
}

/** Makes a release, prints what it is, and returns why it cannot be published. */
async function main(options: ReadonlySet<string>): Promise<string[]> {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const changelog = await Deno.readTextFile(join(root, "CHANGELOG.md"));
  const tag = await tagOf(root);
  const problems = versionProblems({ version, tag, changelog });
  console.log(`pxrun ${version}, ${tag === undefined ? "no tag" : `tag ${tag}`}`);
  if (options.has("--dry-run")) {
    for (const problem of problems.splice(0)) console.log(`not to be published: ${problem}`);
  }
  if (problems.length > 0) return problems;
  const module = await checkModule(root);
  if (module !== undefined) problems.push(`the module cannot be published: ${module}`);
  const release = await makeRelease(version);
  const { binaries, sums, standIns } = release;
  for (const name of sums.keys()) {
    const { size } = await Deno.stat(join(dist, name));
    console.log(`dist/${name}: ${Math.ceil(size / 1024)} KiB`);
  }
  if (binaries.standIn !== undefined) {
    console.log(`no binaries: ${binaries.standIn}`);
    for (const path of [...binaries.paths, join(dist, "stand-in/pxrun.rb")]) {
      console.log(`${relative(root, path)}: a stand-in, which does not run; not to be published`);
    }
    const required = (Deno.env.get("PXRUN_REQUIRE") ?? "").split(",").includes("denort");
    if (required) problems.push("Deno's base binary is required, but not there");
  }
  if (options.has("--check")) {
    const again = await makeRelease(version);
    const odd = [...differing(sums, again.sums), ...differing(standIns, again.standIns)];
    problems.push(...odd.map((name) => `${name} is not the same when it is made again`));
    console.log(`made twice: ${sums.size + standIns.size - odd.length} files with the same sums`);
  }
  return problems;
}

const known: ReadonlySet<string> = new Set(["--dry-run", "--check"]);
const unknown = Deno.args.filter((arg) => !known.has(arg));
const problems = unknown.length > 0
  ? unknown.map((arg) => `${arg}: there is only ${[...known].join(" and ")}`)
  : await main(new Set(Deno.args));
for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) Deno.exitCode = 1;
