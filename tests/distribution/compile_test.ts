import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { basename, join } from "node:path";
import { VERSION } from "../../lib/cli/app/version.ts";
import { bundle } from "../../tasks/bundle.ts";
import { compile, namedTargets } from "../../tasks/compile.ts";
import { standInDenoDir, targets } from "../../tasks/release/stand_in.ts";
import { sumOf } from "../../tasks/release/sums.ts";

/** First bytes of a program, in hexadecimal; of an ELF and a Mach-O file with the processor. */
const kinds: Readonly<Record<string, RegExp>> = {
  "x86_64-unknown-linux-gnu": /^7f454c460201.{20}0[23]003e00/,
  "aarch64-unknown-linux-gnu": /^7f454c460201.{20}0[23]00b700/,
  "x86_64-apple-darwin": /^cffaedfe07000001/,
  "aarch64-apple-darwin": /^cffaedfe0c000001/,
  "x86_64-pc-windows-msvc": /^4d5a/,
};

Deno.test("compile() makes a binary for each target that has all of the bundle", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-compile-test-" });
  try {
    const bundled = await bundle(join(directory, "bundle"));
    const denoDir = join(directory, "deno");
    await Deno.mkdir(denoDir);
    await standInDenoDir(denoDir);
    const into = join(directory, "dist");
    await Deno.mkdir(into);
    const env = { DENO_DIR: denoDir, DENORT_BIN: "" };
    const made = await compile({ targets, bundled, into, env });

    assert.deepEqual(made.map((path) => basename(path)), [
      `pxrun-${VERSION}-x86_64-unknown-linux-gnu`,
      `pxrun-${VERSION}-aarch64-unknown-linux-gnu`,
      `pxrun-${VERSION}-x86_64-apple-darwin`,
      `pxrun-${VERSION}-aarch64-apple-darwin`,
      `pxrun-${VERSION}-x86_64-pc-windows-msvc.exe`,
    ]);
    const sums = await Deno.readTextFile(join(into, "SHA256SUMS"));
    const parts = await Promise.all(bundled.map((file) => Deno.readFile(file)));
    for (const [index, path] of made.entries()) {
      const bytes = await Deno.readFile(path);
      assert.match(bytes.subarray(0, 20).toHex(), kinds[targets[index] ?? ""] ?? /^$/, path);
      for (const part of parts) assert.ok(contains(bytes, part), path);
      assert.ok(sums.includes(`${await sumOf(path)}  ${basename(path)}\n`));
    }
    const again = await compile({ targets: targets.slice(0, 1), bundled, into: directory, env });
    assert.equal(await sumOf(again[0] ?? ""), await sumOf(made[0] ?? ""), "the same bytes");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).includes(Buffer.from(part));
}

Deno.test("compile() says where a base binary that cannot be fetched may come from", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-compile-test-" });
  try {
    const main = join(directory, "pxrun.js");
    await Deno.writeTextFile(main, "");
    const env = {
      DENO_DIR: directory,
      DENORT_BIN: "",
      // Nothing listens there.
      ...Object.fromEntries(
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].map((name) => [name, "http://127.0.0.1:1"]),
      ),
      NO_PROXY: "",
      no_proxy: "",
    };
    const other = targets.find((target) => target !== Deno.build.target) ?? "";
    for (const target of [Deno.build.target, other]) {
      const zip = join(directory, `dl/release/v${Deno.version.deno}/denort-${target}.zip`);
      await assert.rejects(
        compile({ targets: [target], bundled: [main], into: directory, env }),
        ({ message }: Error) => {
          assert.match(message, /could not fetch its base binary from https:\/\/\S+denort-/);
          assert.ok(message.includes(`put that file at ${zip}`), message);
          assert.equal(message.includes("DENORT_BIN"), target === Deno.build.target);
          return true;
        },
      );
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("namedTargets() takes several, all, and by default this machine's", () => {
  const [one = "", two = ""] = targets;
  assert.deepEqual(namedTargets([]), [Deno.build.target]);
  assert.deepEqual(namedTargets(["--target", "all"]), targets);
  assert.deepEqual(namedTargets(["--target", one, two, one]), [one, two]);
  assert.deepEqual(namedTargets([`--target=${one}`, "--target", two]), [one, two]);
  for (const args of [["all"], ["--target"], ["--target", "sparc"], ["--help"]]) {
    assert.equal(namedTargets(args), undefined);
  }
});
