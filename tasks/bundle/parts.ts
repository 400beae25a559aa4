/**
 * The bundle as parts that load each other on demand, and share what they have in common: an error class
 * that were in two of them would be two classes.
 */
import { join, relative } from "node:path";
import { build, type BuildOptions, type Metafile, type Plugin } from "../../deps/esbuild.ts";

const root = join(import.meta.dirname ?? ".", "../..");

/** One file of the bundle. */
export interface Part {
  readonly file: string;
  /** Modules that other parts import on demand, and find in this one. */
  readonly takes: (module: string) => boolean;
  /**
   * `whole`: its modules run when it is loaded, which is the fastest where all of them are needed, and
   * later parts share them. `on-demand`: each runs when it is asked for.
   */
  readonly runs: "first" | "whole" | "on-demand";
  readonly options?: BuildOptions;
}

/** State of a part while the parts are built. */
interface Built {
  readonly part: Part;
  /** Modules that others get from it, each with the names. */
  readonly served: Map<string, Set<string>>;
  /** Modules that it holds. */
  holds: ReadonlySet<string>;
  text: string;
}

/** It is imported as a whole, has no state and no classes: each part has the functions that it uses. */
const OF_EACH_PART = "deps/valibot.ts";

/** Name under which a whole part exports what one of its modules does. */
const flat = (module: string, name: string): string => `${module.replace(/\W/g, "_")}$${name}`;

function serve({ served }: Built, module: string, names: readonly string[]): void {
  const all = served.get(module) ?? new Set();
  for (const name of names) all.add(name);
  served.set(module, all);
}

/** The names that a module exports; esbuild knows them. */
async function exportsOf(module: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [module],
    format: "esm",
    metafile: true,
    write: false,
    outdir: "unused",
  });
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports);
}

/** Sends the imports of a part's modules to the parts that have them. */
function sharing(index: number, all: readonly Built[]): Plugin {
  const ofModule = (module: string): Built | undefined =>
    all.slice(0, index).find(({ part, holds }) =>
      part.runs === "whole" && holds.has(module) && module !== OF_EACH_PART
    );
  return {
    name: "modules of other parts",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const module = relative(root, join(resolveDir, path)).replaceAll("\\", "/");
        if (module.startsWith("..")) return undefined; // within a package
        const earlier = ofModule(module);
        if (earlier !== undefined) {
          return kind === "dynamic-import"
            ? { path: module, namespace: "shared" }
            : { path: `${earlier.part.file}|${module}`, external: true };
        }
        if (kind !== "dynamic-import" || all[index]?.part.takes(module)) return undefined;
        const later = all.slice(index + 1).find(({ part }) => part.takes(module));
        return later && { path: module, namespace: "later", pluginData: later };
      });
      onLoad({ filter: /.*/, namespace: "shared" }, async ({ path }) => ({
        contents: `export { ${(await exportsOf(path)).join(", ")} } from "./${path}";`,
        resolveDir: root,
      }));
      // Deno reads a file beforehand whose name it can see in an import; so it must not see it.
      onLoad({ filter: /.*/, namespace: "later" }, async ({ path, pluginData }) => {
        const { part: { file, runs } }: Built = pluginData;
        const names = await exportsOf(path);
        serve(pluginData, path, names);
        const got = runs === "whole"
          ? `export const { ${names.map((name) => `${flat(path, name)}: ${name}`)} } = part;`
          : `export const { ${names} } = part.modules["${path}"]();`;
        return {
          contents: `import { missingPart } from "./lib/host/bundle_part.ts";
            const { href } = new URL("./${file}", import.meta.url);
            const part = await import(href).catch((error) => {
              throw missingPart("${file}", error);
            });
            ${got}`,
          resolveDir: root,
        };
      });
    },
  };
}

/** The table of what others get from a part, as a module. */
function table({ part, served }: Built): string {
  const modules = [...served].sort(([a], [b]) => a < b ? -1 : 1);
  if (part.runs === "on-demand") {
    const rows = modules.map(([module]) => `"${module}": () => require("./${module}")`);
    return `export const modules = {\n${rows.join(",\n")}\n};`;
  }
  return modules.map(([module, names]) => {
    const list = [...names].sort().map((name) => `${name} as ${flat(module, name)}`);
    return `export { ${list.join(", ")} } from "./${module}";`;
  }).join("\n");
}

/** The modules of a part; one of deps/ is there with the package that it gives. */
function holdsOf({ outputs }: Metafile): ReadonlySet<string> {
  return new Set(
    Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs)
        .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 || path.startsWith("deps/"))
        .map(([path]) => path)
    ),
  );
}

/** Names in imports what a part has of others as these export it, and asks them for it. */
async function withImports(text: string, all: readonly Built[]): Promise<string> {
  const found = text.matchAll(/import([^"';]*)from"([^"|]+)\|([^"]+)"/g);
  let result = text;
  for (const [whole, clause = "", file, module = ""] of found) {
    const owner = all.find(({ part }) => part.file === file);
    if (owner === undefined) throw new Error(`no part ${file} has ${module}`);
    const [, space] = /^\s*\*\s*as (\S+)\s*$/.exec(clause) ?? [];
    const [, list = ""] = /^\{(.*)\}$/s.exec(clause.trim()) ?? [];
    const names = space === undefined
      ? list.split(",").map((one) => one.trim().split(" as "))
      : (await exportsOf(module)).filter((name) => text.includes(`${space}.${name}`))
        .map((name) => [name, `${space}$${name}`]);
    serve(owner, module, names.map(([name = ""]) => name));
    const renamed = names.map(([name = "", as = name]) => `${flat(module, name)} as ${as}`);
    const object = space === undefined
      ? ""
      : `;const ${space}={${names.map(([name, as]) => `${name}:${as}`)}}`;
    result = result.replace(whole, () => `import{${renamed}}from"./${file}"${object}`);
  }
  return result;
}

async function buildPart(index: number, all: readonly Built[], shared: BuildOptions) {
  const built = all[index];
  if (built === undefined) return;
  const { part } = built;
  const result = await build({
    ...shared,
    ...part.options,
    absWorkingDir: root,
    ...(part.runs === "first"
      ? { entryPoints: ["main.ts"] }
      : { stdin: { contents: table(built), resolveDir: root } }),
    metafile: true,
    write: false,
    outfile: part.file,
    plugins: [sharing(index, all), ...(shared.plugins ?? [])],
  });
  built.text = await withImports(result.outputFiles[0]?.text ?? "", all);
  built.holds = holdsOf(result.metafile);
}

/**
 * Builds all parts, the one to run first.
 *
 * @returns File → its text.
 */
export async function buildParts(
  parts: readonly Part[],
  shared: BuildOptions,
): Promise<ReadonlyMap<string, string>> {
  const all = parts.map((part): Built => ({ part, served: new Map(), holds: new Set(), text: "" }));
  const asked = (): number =>
    all.flatMap(({ served }) => [...served.values()]).reduce((sum, { size }) => sum + size, 0);
  // A part is built before those that say what they need of it: again, until none asks for more.
  for (let before = -1; before !== asked();) {
    before = asked();
    for (const index of all.keys()) await buildPart(index, all, shared);
  }
  return new Map(all.map(({ part, text }) => [part.file, text]));
}
