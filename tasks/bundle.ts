/**
 * `deno task bundle`: pxrun as a few files that need nothing else, and a launcher for them. dist/pxrun.js
 * answers `--help` and `--version`, and loads what stands beside it for all the rest.
 */
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { build, type BuildOptions, type Plugin, stop } from "../deps/esbuild.ts";
import { launcher } from "./launcher.ts";

const root = join(import.meta.dirname ?? ".", "..");

/** Those that load at once. */
const quick: ReadonlySet<string> = new Set(["events", "path", "util"]);
/** Modules that import them whole, and hardly ever need them. */
const seldom = /[\\/](commander|lib[\\/]host)[\\/]/;

/**
 * The others among Node's own modules are taken when the code that needs them runs: at the head of
 * the file they would take longer to load than the command tree.
 */
const builtins: Plugin = {
  name: "node's modules on use",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) => {
      const name = path.replace(/^node:/, "");
      if (!isBuiltin(name)) return undefined;
      if (quick.has(name) && kind === "import-statement") {
        return { path: `node:${name}`, external: true };
      }
      return { path: name, namespace: seldom.test(importer) ? "late" : "node" };
    });
    onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("${path}");`,
    }));
    onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: `export default new Proxy({}, {
        get: (_, key) => process.getBuiltinModule("${path}")[key],
      });`,
    }));
  },
};

/** deps/ names packages as Deno does, `npm:yaml@2.9.1`; esbuild looks for `yaml`. */
const npmNames: Plugin = {
  name: "npm: names",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^npm:/ }, ({ path, kind, resolveDir }) => {
      return resolve(path.replace(/^npm:(.+)@[^@]+$/, "$1"), { kind, resolveDir });
    });
  },
};

/** Optional modules of ssh2. */
const withoutMachineCode: Plugin = {
  name: "no machine code",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: "absent" }));
    onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents: `throw new Error("there is no machine code in a bundle");`,
    }));
  },
};

/** A file of the bundle that is loaded when it is needed: what it holds, and who asks for it. */
interface Part {
  readonly file: string;
  readonly names: string;
  /** Which dynamic imports mean it. */
  readonly filter: RegExp;
  readonly contents: string;
}

const parts: readonly Part[] = [
  {
    file: "pxrun-program.js",
    names: "{ runCli, denoPlatform }",
    filter: /^\.\/lib\/(cli\/app\/run|host\/mod)\.ts$/,
    contents: `export { runCli } from "./lib/cli/app/run.ts";
      export { denoPlatform } from "./lib/host/mod.ts";`,
  },
  {
    // For demo and simulator alone, and as large as all the rest.
    file: "pxrun-shell.js",
    names: "{ Bash, parse }",
    filter: /\/deps\/just_bash\.ts$/,
    contents: `export { Bash, parse } from "./deps/just_bash.ts";`,
  },
];

/** Deno reads a file beforehand whose name it can see in an import; so it must not see it. */
const partsOnUse: Plugin = {
  name: "parts on use",
  setup({ onResolve, onLoad }) {
    for (const { file, names, filter } of parts) {
      onResolve({ filter }, ({ kind }) => {
        return kind === "dynamic-import"
          ? { path: file, namespace: "part", pluginData: names }
          : undefined;
      });
    }
    onLoad({ filter: /.*/, namespace: "part" }, ({ path, pluginData }) => ({
      contents: `import { missingPart } from "./lib/host/bundle_part.ts";
        const { href } = new URL("./${path}", import.meta.url);
        export const ${pluginData} = await import(href).catch((error) => {
          throw missingPart("${path}", error);
        });`,
      resolveDir: root,
    }));
  },
};

/** Puts the packages that deps/ names, as the lock file has them, where esbuild looks for them. */
async function installPackages(directory: string): Promise<string> {
  const { allowScripts } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const config = { allowScripts, nodeModulesDir: "auto" };
  await Deno.writeTextFile(join(directory, "deno.json"), JSON.stringify(config));
  await Deno.copyFile(join(root, "deno.lock"), join(directory, "deno.lock"));
  const entries: string[] = [];
  for await (const { name } of Deno.readDir(join(root, "deps"))) {
    await Deno.copyFile(join(root, "deps", name), join(directory, name));
    entries.push(name);
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--frozen", "--entrypoint", ...entries],
    cwd: directory,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return join(directory, "node_modules");
}

/**
 * Writes the bundle into a directory.
 *
 * @returns Its files, the one to run first.
 */
export async function bundle(into: string): Promise<string[]> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-bundle-" });
  try {
    const shared: BuildOptions = {
      absWorkingDir: root,
      bundle: true,
      define: { __dirname: '"/"' },
      format: "esm",
      legalComments: "eof",
      logLevel: "warning",
      minifySyntax: true,
      minifyWhitespace: true,
      nodePaths: [await installPackages(directory)],
      platform: "node",
      target: "esnext",
    };
    await build({
      ...shared,
      entryPoints: ["main.ts"],
      outfile: join(into, "pxrun.js"),
      plugins: [partsOnUse, npmNames],
    });
    for (const { file, contents } of parts) {
      await build({
        ...shared,
        stdin: { contents, resolveDir: root },
        outfile: join(into, file),
        plugins: [partsOnUse, npmNames, builtins, withoutMachineCode],
      });
    }
    const files = ["pxrun.js", ...parts.map(({ file }) => file)];
    await Deno.writeTextFile(join(into, "pxrun"), launcher(files), { mode: 0o755 });
    return files.map((file) => join(into, file));
  } finally {
    await stop();
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const into = join(root, "dist");
  for (const file of [join(into, "pxrun"), ...await bundle(into)]) {
    const { size } = await Deno.stat(file);
    console.log(`${relative(root, file)}: ${Math.ceil(size / 1024)} KiB`);
  }
}
