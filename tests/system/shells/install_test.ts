import assert from "node:assert/strict";
import { join } from "node:path";
import { installScript } from "../../../tasks/release/installers.ts";
import { sumsOf, sumsText } from "../../../tasks/release/sums.ts";

/** What install.sh may use, all of it BusyBox's. */
const programs = [
  ...["chmod", "grep", "mkdir", "mktemp", "mv", "rm", "sed", "sha256sum", "wget"],
];

interface Installation {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What is in the directory for the binary afterwards. */
  readonly files: string[];
  readonly binary: string | undefined;
}

const binaries = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"];

/** A release on a local server, and a machine to install it on. */
async function inRelease(
  test: (
    install: (
      shell: string,
      machine?: { readonly system?: string; readonly cpu?: string; readonly ldd?: string },
    ) => Promise<Installation>,
    served: Map<string, Uint8Array>,
  ) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-install-" });
  const served = new Map<string, Uint8Array>();
  const encoder = new TextEncoder();
  const paths: string[] = [];
  for (const triple of binaries) {
    const path = join(directory, `pxrun-1.2.3-${triple}`);
    await Deno.writeTextFile(path, `#!/bin/sh\necho ${triple}\n`);
    served.set(`pxrun-1.2.3-${triple}`, await Deno.readFile(path));
    paths.push(path);
  }
  served.set("SHA256SUMS", encoder.encode(sumsText(await sumsOf(paths))));
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const bytes = served.get(new URL(request.url).pathname.slice("/v1.2.3/".length));
    return bytes === undefined
      ? new Response(null, { status: 404 })
      : new Response(bytes.slice().buffer);
  });
  const script = join(directory, "install.sh");
  await Deno.writeTextFile(script, await installScript("1.2.3"));
  let count = 0;
  try {
    await test(async (shell, { system = "Linux", cpu = "x86_64", ldd = "ldd (GNU libc)" } = {}) => {
      const home = join(directory, `home ${count++}`);
      const bin = join(home, "programs");
      await Deno.mkdir(bin, { recursive: true });
      for (const name of programs) await Deno.symlink("/bin/busybox", join(bin, name));
      // Functions, since BusyBox's shell prefers its own programs to those of the PATH.
      const pretended = `uname() { [ "$1" = -s ] && echo ${system} || echo ${cpu}; }
        ldd() { echo "${ldd}" >&2; }
        . "$0"`;
      const [program = "", ...args] = shell.split(" ");
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args: [...args, "-c", pretended, script],
        clearEnv: true,
        env: {
          HOME: home,
          PATH: bin,
          PXRUN_RELEASE_URL: `http://127.0.0.1:${server.addr.port}/v1.2.3`,
        },
        stdin: "null",
      }).output();
      const to = join(home, ".local/bin");
      const files = await Array.fromAsync(Deno.readDir(to), ({ name }) => name).catch(() => []);
      const decoder = new TextDecoder();
      return {
        code,
        stdout: decoder.decode(stdout),
        stderr: decoder.decode(stderr),
        files,
        binary: await Deno.readTextFile(join(to, "pxrun")).catch(() => undefined),
      };
    }, served);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

for (const shell of ["/bin/dash", "/bin/busybox sh"]) {
  Deno.test(`install.sh installs the binary of this machine, in ${shell}`, async () => {
    await inRelease(async (install) => {
      const installed = await install(shell);
      assert.equal(installed.code, 0, installed.stderr);
      assert.deepEqual(installed.files, ["pxrun"]);
      assert.match(installed.binary ?? "", /x86_64-unknown-linux-gnu/);
      assert.match(installed.stdout, /installed pxrun 1\.2\.3 as .*\nnext: add .* to your PATH/);
      const mac = await install(shell, { system: "Darwin", cpu: "arm64" });
      assert.match(mac.binary ?? mac.stderr, /aarch64-apple-darwin/);
    });
  });

  Deno.test(`install.sh installs nothing that has another sum, in ${shell}`, async () => {
    await inRelease(async (install, served) => {
      served.set(`pxrun-1.2.3-${binaries[0]}`, new TextEncoder().encode("something else"));
      const { code, stderr, files } = await install(shell);
      assert.equal(code, 1);
      assert.match(stderr, /^error: the sum of \S+ is [0-9a-f]{64}, and should be [0-9a-f]{64}/);
      assert.deepEqual(files, []);
    });
  });

  Deno.test(`install.sh says where there is no binary, in ${shell}`, async () => {
    await inRelease(async (install, served) => {
      const cases = [
        [{ system: "FreeBSD" }, /^error: there is no binary of pxrun for FreeBSD\nhint: npm/],
        [{ cpu: "riscv64" }, /^error: there is no binary of pxrun for riscv64\nhint: npm/],
        [{ ldd: "musl libc (x86_64)" }, /^error: the binaries of pxrun need glibc/],
        [{ system: "Darwin" }, /^error: the release has no binary pxrun-1\.2\.3-x86_64-apple-/],
      ] as const;
      for (const [machine, expected] of cases) {
        const { code, stderr, files } = await install(shell, machine);
        assert.equal(code, 1);
        assert.match(stderr, expected);
        assert.deepEqual(files, []);
      }
      served.delete("SHA256SUMS");
      const { code, stderr, files } = await install(shell);
      assert.equal(code, 1);
      assert.match(stderr, /^error: cannot fetch \S+SHA256SUMS/m);
      assert.deepEqual(files, []);
    });
  });
}
