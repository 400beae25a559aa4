import assert from "node:assert/strict";
import { join } from "node:path";
import { VERSION } from "../../lib/cli/app/version.ts";
import { sumsOf, sumsText } from "../../tasks/release/sums.ts";
import { targets } from "../../tasks/release/stand_in.ts";
import { binaryOf } from "../../tasks/smoke.ts";
import { alone } from "../support/alone.ts";

const root = join(import.meta.dirname ?? ".", "../..");

/** The first bytes of an executable, by the system that runs it. */
const magic: Readonly<Record<string, RegExp>> = {
  linux: /^7f454c46/,
  darwin: /^cffaedfe/,
  windows: /^4d5a/,
};

async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    ...alone({ NO_COLOR: "1" }),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** A copy of the project as a clone has it, with nothing that was made. */
async function copyTo(directory: string): Promise<void> {
  const archive = join(directory, "clone.tar");
  const left = [".git", "dist", "coverage"].map((name) => `--exclude=./${name}`);
  await run(root, "tar", "-cf", archive, ...left, ".");
  await Deno.mkdir(join(directory, "clone"));
  await run(directory, "tar", "-xf", archive, "-C", "clone");
}

Deno.test("deno task release makes all files twice with the same sums, and says what is not real", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-release-" });
  try {
    await copyTo(directory);
    const clone = join(directory, "clone");
    const dist = join(clone, "dist");
    const release = ["run", "-A", "tasks/release.ts", "--dry-run", "--check"];
    const said = await run(clone, Deno.execPath(), ...release);
    assert.match(said, new RegExp(`^pxrun ${VERSION}, no tag\n`));
    assert.match(said, /^made twice: \d+ files with the same sums$/m);

    const sums = await Deno.readTextFile(join(dist, "SHA256SUMS"));
    const names = sums.trim().split("\n").map((line) => line.slice(66));
    const standIns = said.includes("stand-in");
    const binaries = targets.map((target) => binaryOf(VERSION, target));
    for (
      const name of [
        ...["pxrun.js", "install.sh", "recipe.schema.json", `pxrun-${VERSION}.tgz`],
        ...["bundle.tgz", "man.tgz"].map((end) => `pxrun-${VERSION}-${end}`),
        `pxrun-${VERSION}.cdx.json`,
        ...standIns ? [] : [...binaries, "pxrun.rb"],
      ]
    ) assert.ok(names.includes(name), `${name} in:\n${sums}`);
    assert.equal(sums, sumsText(await sumsOf(names.map((name) => join(dist, name)))));
    assert.equal(names.some((name) => binaries.includes(name)), !standIns);

    const place = standIns ? join(dist, "stand-in") : dist;
    for (const [index, name] of binaries.entries()) {
      const file = await Deno.open(join(place, name));
      const start = new Uint8Array(4);
      await file.read(start);
      file.close();
      const [, system = ""] = /(linux|darwin|windows)/.exec(targets[index] ?? "") ?? [];
      assert.match(start.toHex(), magic[system] ?? /^$/, name);
    }
    const formula = await Deno.readTextFile(join(place, "pxrun.rb"));
    const own = await sumsOf(binaries.map((name) => join(place, name)));
    for (const name of binaries.filter((one) => !one.includes("windows"))) {
      assert.ok(formula.includes(`sha256 "${own.get(name)}"`), name);
    }
    const install = await Deno.readTextFile(join(dist, "install.sh"));
    assert.match(install, new RegExp(`^version=${VERSION}$`, "m"));
    assert.doesNotMatch(install, /@[A-Z]+@/);

    const unpacked = join(directory, "unpacked");
    await Deno.mkdir(unpacked);
    await run(unpacked, "tar", "-xzf", join(dist, `pxrun-${VERSION}-bundle.tgz`));
    const main = join(unpacked, `pxrun-${VERSION}/pxrun.js`);
    assert.equal(
      await run(unpacked, Deno.execPath(), "run", "-A", main, "--version"),
      `${VERSION}\n`,
    );
    const pages = await run(unpacked, "tar", "-tzf", join(dist, `pxrun-${VERSION}-man.tgz`));
    assert.match(pages, /^man1\/pxrun-create\.1$/m);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
