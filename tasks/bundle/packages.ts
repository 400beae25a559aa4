/** The npm packages of deps/, where esbuild finds them. */
import { join } from "node:path";
import type { Plugin } from "../../deps/esbuild.ts";

const root = join(import.meta.dirname ?? ".", "../..");

/**
 * Installs the packages that deps/ names, as the lock file has them.
 *
 * @returns The directory of all packages.
 */
export async function installPackages(directory: string): Promise<string> {
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
    args: ["install", "--quiet", "--frozen", "--entrypoint", ...entries.sort()],
    cwd: directory,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return join(directory, "node_modules");
}

/** deps/ names packages as Deno does, `npm:yaml@2.9.1`; esbuild looks for `yaml`. */
export function npmNames(packages: string): Plugin {
  return {
    name: "npm: names",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^npm:/ }, ({ path, kind, resolveDir }) => {
        const name = path.replace(/^npm:(.+)@[^@]+$/, "$1");
        // Its form for browsers has the same classes, and takes neither `process` nor all of itself.
        if (name === "yaml") return { path: join(packages, "yaml/browser/dist/index.js") };
        return resolve(name, { kind, resolveDir });
      });
    },
  };
}

/** Leaves out machine code, which ssh2 does without where it is not there. */
export const withoutMachineCode: Plugin = {
  name: "no machine code",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: "absent" }));
    onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents: `throw new Error("there is no machine code in a bundle");`,
    }));
  },
};
