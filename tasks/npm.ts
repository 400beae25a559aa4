/**
 * `deno task npm`: the npm package, as a directory and as a tarball in dist/. It has the bundle and a
 * launcher, and depends on npm's own Deno. The tarball is the same bytes whenever it is made.
 */
import { basename, join, relative } from "node:path";
import { bundle } from "./bundle.ts";
import { LAUNCHER_FLAGS, LAUNCHER_PROGRAMS } from "./launcher.ts";
import { type ArchivedFile, archiveOf } from "./release/archive.ts";
import { HOME, REPOSITORY } from "./release/home.ts";

const root = join(import.meta.dirname ?? ".", "..");

/** The Deno that the package depends on: the one that pxrun is tested with. */
const DENO = "2.9.6";

/**
 * The package's `package.json`.
 *
 * @param version The version of the package.
 */
export function packageJson(version: string): Record<string, unknown> {
  return {
    name: "pxrun",
    version,
    description: "From a YAML recipe to a provisioned and reachable LXC container on Proxmox VE",
    keywords: ["proxmox", "lxc", "containers", "cli", "provisioning"],
    homepage: HOME,
    repository: { type: "git", url: `git+https://github.com/${REPOSITORY}.git` },
    license: "MIT",
    type: "module",
    bin: { pxrun: "bin/pxrun.cjs" },
    files: ["bin", "dist", "recipe.schema.json"],
    engines: { node: ">=18" },
    dependencies: { deno: DENO },
    pxrun: { permissions: LAUNCHER_FLAGS, programs: LAUNCHER_PROGRAMS },
  };
}

/**
 * Makes the npm package of a bundle.
 *
 * @param version The version of the package.
 * @param bundled The files of the bundle.
 * @param into The directory for the package's own directory `npm` and for the tarball.
 * @returns The path of the tarball.
 */
export async function npmPackage(
  version: string,
  bundled: readonly string[],
  into: string,
): Promise<string> {
  const manifest = new TextEncoder().encode(`${JSON.stringify(packageJson(version), null, 2)}\n`);
  const sources: readonly (readonly [path: string, source: string])[] = [
    ["LICENSE", join(root, "LICENSE")],
    ["README.md", join(root, "README.md")],
    ["bin/pxrun.cjs", join(root, "tasks/npm/pxrun.cjs")],
    ...bundled.map((file) => [`dist/${basename(file)}`, file] as const),
    ["recipe.schema.json", join(root, "recipe.schema.json")],
  ];
  const files: ArchivedFile[] = [{ path: "package.json", bytes: manifest, executable: false }];
  for (const [path, source] of sources) {
    files.push({
      path,
      bytes: await Deno.readFile(source),
      executable: path.startsWith("bin/"),
    });
  }
  await writeDirectory(files, join(into, "npm"));
  const tarball = join(into, `pxrun-${version}.tgz`);
  await Deno.writeFile(tarball, await archiveOf("package", files));
  return tarball;
}

async function writeDirectory(files: readonly ArchivedFile[], directory: string): Promise<void> {
  await Deno.remove(directory, { recursive: true }).catch(() => {});
  for (const { path, bytes, executable } of files) {
    await Deno.mkdir(join(directory, path, ".."), { recursive: true });
    await Deno.writeFile(join(directory, path), bytes, { mode: executable ? 0o755 : 0o644 });
  }
}

if (import.meta.main) {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const dist = join(root, "dist");
  const tarball = await npmPackage(version, await bundle(dist), dist);
  const { size } = await Deno.stat(tarball);
  console.log(`${relative(root, tarball)}: ${Math.ceil(size / 1024)} KiB`);
}
