/**
 * `deno task bundle`: pxrun as a few files that need nothing else, and a launcher for them. dist/pxrun.js
 * answers `--help` and `--version`, and loads what stands beside it for all the rest.
 */
import { join, relative } from "node:path";
import { stop } from "../deps/esbuild.ts";
import { builtins } from "./bundle/builtins.ts";
import { installPackages, npmNames, withoutMachineCode } from "./bundle/packages.ts";
import { buildParts, type Part } from "./bundle/parts.ts";
import { launcher } from "./launcher.ts";

const root = join(import.meta.dirname ?? ".", "..");

/** Modules that the help of every command imports, all at once or on demand. */
const core: ReadonlySet<string> = new Set([
  "lib/cli/app/colors.ts",
  "lib/cli/app/help/typed.ts",
  "lib/cli/app/help/usage_error.ts",
  "lib/cli/app/output.ts",
  "lib/cli/app/run.ts",
  "lib/host/mod.ts",
  "lib/render/error.ts",
]);

/** Modules that `validate` and `schema` import besides. */
const recipe: ReadonlySet<string> = new Set([
  "lib/cli/commands/recipes/run_validate.ts",
  "lib/recipe/mod.ts",
  "lib/render/yaml.ts",
]);

const parts: readonly Part[] = [
  { file: "pxrun.js", runs: "first", takes: () => false },
  { file: "pxrun-core.js", runs: "whole", takes: (module) => core.has(module) },
  { file: "pxrun-recipe.js", runs: "whole", takes: (module) => recipe.has(module) },
  {
    file: "pxrun-program.js",
    runs: "on-demand",
    takes: (module) => module.startsWith("lib/"),
  },
  {
    // For demo and simulator alone, and larger than all the rest.
    file: "pxrun-simulator.js",
    runs: "on-demand",
    takes: (module) => /^(?:sim|deps)\//.test(module),
    // just-bash makes a `require` of this address, and of http ones it cannot; it never uses it.
    options: { define: { "import.meta.url": '"file:///C:/"', __dirname: '"/"' } },
  },
];

/**
 * Writes the bundle into a directory.
 *
 * @returns Its files, the one to run first.
 */
export async function bundle(into: string): Promise<string[]> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "pxrun-bundle-" }));
  try {
    const packages = await installPackages(directory);
    const texts = await buildParts(parts, {
      bundle: true,
      define: { __dirname: '"/"' },
      format: "esm",
      legalComments: "eof",
      logLevel: "warning",
      minifySyntax: true,
      minifyWhitespace: true,
      nodePaths: [packages],
      platform: "node",
      plugins: [npmNames(packages), builtins, withoutMachineCode],
      target: "esnext",
    });
    await Deno.mkdir(into, { recursive: true });
    for (const [file, text] of texts) {
      // Packages have their path as a name; one that is the same wherever and whenever this is made.
      const place = relative(root, directory).replaceAll("\\", "/");
      await Deno.writeTextFile(join(into, file), text.replaceAll(`${place}/`, ""));
    }
    const files = parts.map(({ file }) => file);
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
