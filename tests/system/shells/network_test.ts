import assert from "node:assert/strict";
import { networkStep } from "../../../lib/provision/steps/network.ts";
import { packagesStep } from "../../../lib/provision/steps/packages.ts";
import type { TestRoot } from "../../support/chroot.ts";
import { apply, eachShell, run } from "./in_root.ts";
import { havePackageManager } from "./package_managers.ts";

/** Lets these names resolve, and keeps a list of the names that were asked for. */
async function resolving(root: TestRoot, ...names: string[]): Promise<void> {
  await root.program(
    "getent",
    `echo "$2" >>/var/log/asked
case " ${names.join(" ")} " in *" $2 "*) exit 0 ;; esac
exit 2`,
  );
  await root.write("/var/log/asked", "");
}

async function asked(root: TestRoot): Promise<string[]> {
  return [...new Set((await root.read("/var/log/asked")).split("\n"))].filter(Boolean).sort();
}

const ACT = networkStep(["packages"], true).act;
/** The same without patience. */
const IMPATIENT = ACT.replace(/\+ 60\)/, "+ 0)");

async function write(root: TestRoot, path: string, text: string): Promise<void> {
  await Deno.mkdir(root.directory + path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await root.write(path, text);
}

eachShell("networkStep(, true) asks for the hosts of the package sources", async (root) => {
  await write(
    root,
    "/etc/apt/sources.list",
    "# deb http://commented.example/x y z\ndeb [trusted=yes] http://deb.one.example:8080/debian stable main\n",
  );
  await write(
    root,
    "/etc/apt/sources.list.d/x.sources",
    "Types: deb\nURIs: https://me:pw@two.example/debian/\n",
  );
  await write(root, "/etc/apk/repositories", "https://dl.three.example/alpine/v3.22/main\n");
  await write(
    root,
    "/etc/yum.repos.d/f.repo",
    "[f]\n#baseurl=http://no.example/\nmetalink=https://four.example/metalink?repo=f-$releasever\n",
  );
  await write(root, "/etc/pacman.d/mirrorlist", "Server = https://five.example/$repo/os/$arch\n");
  await resolving(root);
  const { code, stderr } = await run(root, IMPATIENT);
  assert.equal(code, 1);
  assert.deepEqual(await asked(root), [
    "deb.one.example",
    "dl.three.example",
    "five.example",
    "four.example",
    "two.example",
  ]);
  assert.match(stderr, /^no name resolves after 60 s; tried: deb\.one\.example .*two\.example$/m);
  assert.match(stderr, /names these servers: 192\.0\.2\.53$/m);
});

eachShell("networkStep(, true) is content with one name", async (root) => {
  await write(
    root,
    "/etc/apt/sources.list",
    "deb http://a.example/ x main\ndeb http://b.example/ x main\n",
  );
  await resolving(root, "b.example");
  assert.equal((await run(root, ACT)).code, 0);
});

eachShell("networkStep(, true) waits until a name resolves", async (root) => {
  await write(root, "/etc/apt/sources.list", "deb http://late.example/ x main\n");
  await root.program("getent", 'echo x >>/var/log/asked; [ "$(wc -l </var/log/asked)" -gt 3 ]');
  assert.equal((await run(root, ACT)).code, 0);
});

eachShell(
  "networkStep(, true) needs no names for addresses, directories and a proxy by address",
  async (root) => {
    await resolving(root);
    await write(
      root,
      "/etc/apt/sources.list",
      "deb http://192.0.2.1/debian x main\ndeb http://[2001:db8::1]:80/ x main\ndeb file:/srv/x y\n",
    );
    assert.equal((await run(root, IMPATIENT)).code, 0);
    await write(root, "/etc/apt/sources.list", "deb http://deb.debian.org/debian x main\n");
    await write(
      root,
      "/etc/apt/apt.conf.d/p",
      '// Acquire::http::Proxy "http://not.this";\nAcquire::http::Proxy "http://proxy.example:3142/";\n',
    );
    assert.equal((await run(root, IMPATIENT)).code, 1);
    assert.deepEqual(await asked(root), ["proxy.example"]);
    await write(root, "/etc/apt/apt.conf.d/p", 'Acquire::http::Proxy "http://192.0.2.9:3142/";\n');
    assert.equal((await run(root, IMPATIENT)).code, 0);
  },
);

eachShell("networkStep(, true) resolves with what the system has", async (root) => {
  await write(root, "/etc/apt/sources.list", "deb http://known.example/ x main\n");
  assert.equal((await run(root, IMPATIENT)).code, 1);
  await root.write("/etc/hosts", "192.0.2.7 known.example\n");
  assert.equal((await run(root, IMPATIENT)).code, 0);
});

eachShell("networkStep(, true) acts only when a step that needs it does", async (root) => {
  await havePackageManager(root, "apt-get");
  await resolving(root, "deb.debian.org");
  const steps = [networkStep(["packages"], true), packagesStep(["curl"])];
  const first = await apply(root, steps);
  assert.deepEqual(first.changed, ["packages"]);
  assert.deepEqual(await asked(root), ["deb.debian.org"]);
  await resolving(root);
  const again = await apply(root, steps);
  assert.deepEqual([again.changed, again.error], [[], undefined]);
  assert.deepEqual(await asked(root), []);
});
