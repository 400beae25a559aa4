import { join } from "node:path";
import { gzipSync } from "node:zlib";

/**
 * Executables that stand in for Deno's base binary where that cannot be fetched: the right kind of
 * file for their target, from the registry. What is compiled with them has the right name and embedded
 * files, and does not run pxrun.
 */
const standIns: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "linux-x64",
  "aarch64-unknown-linux-gnu": "linux-arm64",
  "x86_64-apple-darwin": "darwin-x64",
  "aarch64-apple-darwin": "darwin-arm64",
  "x86_64-pc-windows-msvc": "win32-x64",
};

/** The targets of a release. */
export const targets: readonly string[] = Object.keys(standIns);

/** The version of esbuild that the lock file has. */
const VERSION = "0.28.2";

/**
 * Makes a directory for `DENO_DIR` that has the packages of the present one, and stand-ins as base
 * binaries.
 *
 * @param directory The directory, which is empty.
 */
export async function standInDenoDir(directory: string): Promise<void> {
  const { denoDir }: { readonly denoDir: string } = await denoInfo(directory);
  // The packages, so that nothing is fetched twice.
  await Deno.mkdir(join(denoDir, "npm"), { recursive: true });
  await Deno.symlink(join(denoDir, "npm"), join(directory, "npm"));
  const downloads = join(directory, "dl/release", `v${Deno.version.deno}`);
  await Deno.mkdir(downloads, { recursive: true });
  for (const [target, platform] of Object.entries(standIns)) {
    const name = `npm:@esbuild/${platform}@${VERSION}`;
    await deno(directory, ["cache", "--quiet", "--no-config", "--no-lock", name]);
    const { npmPackages } = await denoInfo(directory, "--no-config", "--no-lock", name);
    const [found] = Object.values(npmPackages);
    const windows = target.includes("windows");
    const program = join(found?.localPath ?? "", windows ? "esbuild.exe" : "bin/esbuild");
    await Deno.writeFile(
      join(downloads, `denort-${target}.zip`),
      zipOf(windows ? "denort.exe" : "denort", await Deno.readFile(program)),
    );
  }
}

interface DenoInfo {
  readonly denoDir: string;
  readonly npmPackages: Readonly<Record<string, { readonly localPath: string }>>;
}

async function denoInfo(cwd: string, ...args: readonly string[]): Promise<DenoInfo> {
  return JSON.parse(await deno(cwd, ["info", "--json", ...args]));
}

async function deno(cwd: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** A zip archive with one file in it, not compressed. */
export function zipOf(name: string, bytes: Uint8Array): Uint8Array {
  const path = new TextEncoder().encode(name);
  // A gzip file ends with the sum that a zip archive has, too, and the size.
  const gzipped = gzipSync(bytes, { level: 0 });
  const sum = gzipped.readUInt32LE(gzipped.length - 8);
  const record = (signature: number, size: number, fill: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(size));
    view.setUint32(0, signature, true);
    fill(view);
    return new Uint8Array(view.buffer);
  };
  /** Fields that the entry and the directory share: version, no flags, stored, 1980, sum, sizes. */
  const common = (view: DataView, at: number): void => {
    view.setUint16(at, 20, true);
    view.setUint16(at + 8, 0x21, true);
    view.setUint32(at + 10, sum, true);
    view.setUint32(at + 14, bytes.length, true);
    view.setUint32(at + 18, bytes.length, true);
    view.setUint16(at + 22, path.length, true);
  };
  const entry = record(0x04034b50, 30, (view) => common(view, 4));
  const listed = record(0x02014b50, 46, (view) => {
    // Made on Unix, for its owner to run.
    view.setUint16(4, 0x0314, true);
    common(view, 6);
    view.setUint32(38, 0o100755 << 16 >>> 0, true);
  });
  const end = record(0x06054b50, 22, (view) => {
    view.setUint16(8, 1, true);
    view.setUint16(10, 1, true);
    view.setUint32(12, listed.length + path.length, true);
    view.setUint32(16, entry.length + path.length + bytes.length, true);
  });
  const all = [entry, path, bytes, listed, path, end];
  const zip = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    zip.set(part, at);
    at += part.length;
  }
  return zip;
}
