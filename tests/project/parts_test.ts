import assert from "node:assert/strict";
import {
  isThere,
  missingParts,
  parts,
  type Runner,
  searchPath,
  skipLine,
} from "../../tasks/parts.ts";

const able: Runner = {
  linux: true,
  root: true,
  ownRootFails: () => Promise.resolve(undefined),
  isThere: () => Promise.resolve(true),
  fails: () => Promise.resolve(undefined),
};

async function missing(runner: Partial<Runner>): Promise<Record<string, string>> {
  const found = await missingParts({ ...able, ...runner });
  return Object.fromEntries(found.map(({ name, why }) => [name, why]));
}

Deno.test("missingParts() finds nothing missing on a machine with root and all parts", async () => {
  assert.deepEqual(await missing({}), {});
});

Deno.test("missingParts() needs root for servers and containers alone", async () => {
  assert.deepEqual(await missing({ root: false }), {
    sshd: "needs root",
    lxc: "needs root",
    tailnet: "needs root",
  });
});

Deno.test("missingParts() says why the shells cannot have a root of their own", async () => {
  const ownRootFails = () => Promise.resolve("unshare: Operation not permitted");
  const found = await missing({ root: false, ownRootFails });
  assert.equal(
    found["shells"],
    "needs root, or a user namespace: unshare: Operation not permitted",
  );
  assert.equal((await missing({ ownRootFails }))["shells"], undefined, "root needs none");
  assert.deepEqual([found["sops"], found["script"]], [undefined, undefined]);
});

Deno.test("missingParts() names the package that brings an absent program", async () => {
  const isThere = (program: string) => Promise.resolve(program !== "lxc-start");
  assert.deepEqual(await missing({ isThere }), {
    lxc: "no lxc-start (Debian: lxc)",
    tailnet: "no lxc-start (Debian: lxc)",
  });
});

Deno.test("missingParts() tries what a lane does in the way that it will run", async () => {
  const tried: boolean[] = [];
  const fails = (_: string, own: boolean) => {
    tried.push(own);
    return Promise.resolve("mount: denied");
  };
  assert.equal((await missing({ root: false, fails }))["shells"], "mount: denied");
  assert.deepEqual(
    tried.toSorted(),
    [false, false, true],
    "npm's and denort's as this user, the shells' as its own root",
  );
});

Deno.test("missingParts() skips every lane where there is no Linux", async () => {
  assert.deepEqual(Object.keys(await missing({ linux: false })), parts.map(({ name }) => name));
});

Deno.test("skipLine() is one line, with lanes of the same reason together", () => {
  assert.equal(
    skipLine([
      { name: "sshd", why: "needs root" },
      { name: "sops", why: "no sops" },
      { name: "lxc", why: "needs root" },
    ]),
    "skipped of tests/system: sshd, lxc (needs root); sops (no sops)",
  );
});

Deno.test("searchPath() adds where the administrator's programs are", () => {
  assert.equal(searchPath("/bin:"), "/bin:/usr/sbin:/sbin");
  assert.equal(searchPath(), "/usr/sbin:/sbin");
});

Deno.test("isThere() finds what can be run, and not what merely lies there", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-parts-" });
  try {
    for (const [name, mode] of [["runs", 0o755], ["lies", 0o644]] as const) {
      await Deno.writeTextFile(`${directory}/${name}`, "", { mode });
    }
    const there = ["runs", "lies", "absent"].map((name) => isThere(name, directory));
    assert.deepEqual(await Promise.all(there), [true, false, false]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
