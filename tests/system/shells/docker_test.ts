import assert from "node:assert/strict";
import { dockerStep } from "../../../lib/provision/steps/docker.ts";
import type { Step } from "../../../lib/provision/step.ts";
import type { Docker } from "../../../lib/recipe/schema/types.ts";
import type { TestRoot } from "../../support/chroot.ts";
import { apply, eachShell } from "./in_root.ts";
import { havePackageManager, packageCalls } from "./package_managers.ts";

const step = (wish: Partial<Docker> = {}): Step =>
  dockerStep({ source: "official", users: [], compose: true, ...wish });

/** Docker as far as the step asks it; `docker run` looks into the image and runs what is in it. */
const DOCKER = `echo "docker $*" >>/var/log/docker
[ "$1" != compose ] || { [ -e /var/compose ]; exit; }
[ -e /var/started ] || exit 1
case $1 in
version) echo 1.2.3 ;;
info) echo overlay2 ;;
import) tar -tf - >/var/image && echo sha256:1 ;;
run) [ ! -e /var/runc ] || { cat /var/runc >&2; exit 125; }
echo "$4" | cut -c 2- | grep -qxF -f - /var/image ;;
esac`;

/** A Debian whose packages bring Docker, and the site of Docker's own. */
async function haveDebian(root: TestRoot): Promise<void> {
  await root.write("/etc/hosts", "192.0.2.7 deb.debian.org\n");
  await root.write("/etc/os-release", 'ID=debian\nVERSION_CODENAME="bookworm"\n');
  await havePackageManager(root, "apt-get");
  const apt = await root.read("/usr/local/bin/apt-get");
  await root.program("/var/docker", DOCKER);
  await root.program(
    "apt-get",
    `${apt.replace("#!/bin/sh\n", "").replace(/^exit.*/m, "")}
case " $* " in *" docker-ce "* | *" docker.io "*) [ ! -e /var/no-ce ] || case " $* " in *" docker-ce "*) exit 100 ;; esac
cp /var/docker /usr/bin/docker ;; esac
case " $* " in *compose*) : >/var/compose ;; esac`,
  );
  await root.program("apt-cache", "exit 1");
  await root.program("systemctl", '[ "$*" = "enable --now docker" ] && : >/var/started');
  await root.program(
    "curl",
    'echo "$*" >>/var/log/curl; echo "-----BEGIN PGP PUBLIC KEY BLOCK-----"',
  );
  // The root's own ldd is no shell script of BusyBox.
  await root.program("ldd", 'echo "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)"');
  await root.write("/etc/group", "root:x:0:\ndev:x:1000:\nstaff:x:50:\ndocker:x:990:dev\n");
}

eachShell("dockerStep() installs Docker's own packages with their key, once", async (root) => {
  await haveDebian(root);
  const wish = step({ users: ["dev"] });
  const first = await apply(root, [wish]);
  assert.deepEqual([first.changed, first.error], [["docker"], undefined]);
  const list = await root.read("/etc/apt/sources.list.d/docker.sources");
  assert.equal(
    list,
    "Types: deb\nURIs: https://download.docker.com/linux/debian\nSuites: bookworm\n" +
      "Components: stable\nSigned-By: /etc/apt/keyrings/docker.asc\n",
  );
  assert.match(await root.read("/etc/apt/keyrings/docker.asc"), /BEGIN PGP/);
  assert.match(
    await root.read("/var/log/curl"),
    /https:\/\/download.docker.com\/linux\/debian\/gpg\n$/,
  );
  const [, install] = await packageCalls(root);
  assert.match(
    install ?? "",
    /\|docker-ce\|docker-ce-cli\|containerd.io\|docker-buildx-plugin\|docker-compose-plugin$/,
  );
  assert.ok(first.output.includes("version 1.2.3, storage driver overlay2"));
  assert.match(
    await root.read("/var/log/docker"),
    /^docker run --rm pxrun-smoke-test \/usr\/bin\/env$/m,
  );
  assert.match(await root.read("/var/image"), /^lib\/x86_64-linux-gnu\/libc\.so\.6$/m);
  const again = await apply(root, [wish]);
  assert.deepEqual([again.changed, again.error], [[], undefined]);
});

eachShell(
  "dockerStep() takes the distribution's package where Docker's cannot be had",
  async (root) => {
    await haveDebian(root);
    await root.program("curl", "echo 'curl: (6) no such host' >&2; exit 6");
    const first = await apply(root, [step()]);
    assert.deepEqual([first.changed, first.error], [["docker"], undefined]);
    const said = first.output.join("\n");
    assert.match(
      said,
      /key of Docker's packages cannot be had.*\ndocker: .*the distribution's is taken/,
    );
    const names = (await packageCalls(root)).map((call) => call.split("|").at(-1));
    assert.deepEqual(names.filter((name) => name !== "update"), ["docker.io", "docker-compose"]);
    await assert.rejects(root.read("/etc/apt/sources.list.d/docker.sources"), Deno.errors.NotFound);
  },
);

eachShell("dockerStep() leaves no repository behind that has nothing for it", async (root) => {
  await haveDebian(root);
  await root.write("/var/no-ce", "");
  const first = await apply(root, [step()]);
  assert.equal(first.error, undefined);
  assert.match(
    first.output.join("\n"),
    /Docker's own packages cannot be installed\ndocker: .*the distribution's/,
  );
  await assert.rejects(root.read("/etc/apt/sources.list.d/docker.sources"), Deno.errors.NotFound);
  await assert.rejects(root.read("/etc/apt/keyrings/docker.asc"), Deno.errors.NotFound);
});

eachShell("dockerStep() takes the distribution's package where it is asked to", async (root) => {
  await haveDebian(root);
  const first = await apply(root, [step({ source: "distro", compose: false })]);
  assert.equal(first.error, undefined);
  await assert.rejects(root.read("/var/log/curl"), Deno.errors.NotFound);
  assert.match((await packageCalls(root)).at(-1) ?? "", /install\|docker\.io$/);
});

eachShell(
  "dockerStep() explains why no container starts, and tries again next time",
  async (root) => {
    await haveDebian(root);
    await root.write(
      "/var/runc",
      "OCI runtime create failed: open sysctl net.ipv4.ip_unprivileged_port_start file: " +
        "reopen fd 8: permission denied: unknown\n",
    );
    const { error } = await apply(root, [step()]);
    assert.match(
      String(error),
      /reopen fd 8.*\n.*this is known: runc.*\n.*issues\/4968.*\n.*pxrun does not do that\.\n.*cannot start a container/,
    );
    assert.match(String((await apply(root, [step()])).error), /cannot start a container/);
    await Deno.remove(`${root.directory}/var/runc`);
    assert.deepEqual((await apply(root, [step()])).changed, ["docker"]);
    assert.deepEqual((await apply(root, [step()])).changed, []);
  },
);

eachShell("dockerStep() starts no docker-compose, which takes long, to know it", async (root) => {
  await haveDebian(root);
  await root.program("docker-compose", "echo started >>/var/log/compose");
  const first = await apply(root, [step({ source: "distro" })]);
  assert.equal(first.error, undefined);
  assert.match((await packageCalls(root)).at(-1) ?? "", /install\|docker\.io$/);
  assert.deepEqual((await apply(root, [step()])).changed, []);
  await assert.rejects(root.read("/var/log/compose"), Deno.errors.NotFound);
});

eachShell("dockerStep() misses a user who is not there", async (root) => {
  await haveDebian(root);
  const { error } = await apply(root, [step({ users: ["nobody-here"] })]);
  assert.match(
    String(error),
    /there is no user nobody-here for the group docker; it belongs in users/,
  );
});
