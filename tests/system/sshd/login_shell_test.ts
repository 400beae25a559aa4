import assert from "node:assert/strict";
import { startInGuest } from "../../../lib/guest/command.ts";
import { pullPath, pushFile } from "../../../lib/guest/copy.ts";
import { runInGuest } from "../../../lib/guest/session.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import type { SshConnection } from "../../../lib/ssh/client/connection.ts";
import { writeProgram } from "../../support/program.ts";
import { startSshd } from "../../support/sshd.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Prints on both streams, in bytes that are no text, and at last without an end of the line. */
const PRINTS = `printf 'Welcome\\n\\377\\001'; printf 'error: \\377' >&2`;

/** Every login shell that a node may have, with start-up files that print. */
const SHELLS: readonly { readonly shell: string; readonly files: Record<string, string> }[] = [
  {
    shell: "/bin/bash",
    files: {
      ".bashrc": `${PRINTS}; trap 'echo bye; echo bye >&2' EXIT; set -xv\n`,
      ".bash_logout": "echo logout\n",
    },
  },
  { shell: "/bin/dash", files: {} },
  { shell: "/usr/bin/zsh", files: { ".zshenv": `${PRINTS}; TRAPEXIT() { echo bye; }; set -x\n` } },
  {
    shell: "/usr/bin/fish",
    files: {
      ".config/fish/config.fish": `${PRINTS}\nfunction bye --on-event fish_exit; echo bye; end\n`,
    },
  },
  { shell: "/usr/bin/tcsh", files: { ".tcshrc": "echo Welcome\nset echo\nset verbose\n" } },
  { shell: "/usr/bin/bsd-csh", files: { ".cshrc": "echo Welcome\nset echo\n" } },
];

const exists = (path: string): boolean => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};

/** What shells of one kind or another have something to say about. */
const HOSTILE =
  "a'b\"c $(id) `id` $HOME \\n \\\\ \\' !! !x %s * ? ~ {a,b} ; & | < > #\nline\r\ttab ü 漢 🎉";

interface Node extends AsyncDisposable {
  readonly ssh: SshConnection;
  readonly directory: string;
}

/** A node whose lxc-attach runs the command on this machine. */
async function startNode(login: (typeof SHELLS)[number], limit?: number): Promise<Node> {
  const sshd = await startSshd(["SetEnv SHLVL=0"], ["ed25519"], { login });
  const bin = `${sshd.directory}/bin`;
  await Deno.mkdir(bin);
  await writeProgram(
    `${bin}/lxc-attach`,
    '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\n' +
      'echo "lxc-attach: 100: a warning" >&2\nexec "$@"\n',
    0o755,
  );
  const ssh = await sshd.connect([await sshd.newKey("id_ed25519")], {
    ...(limit !== undefined && { shellDeadline: limit }),
  });
  const onPath: SshConnection = Object.assign(Object.create(ssh), {
    exec: (command: string, options = {}) => ssh.exec(`PATH=${bin}:$PATH; ${command}`, options),
  });
  return {
    ssh: onPath,
    directory: sshd.directory,
    async [Symbol.asyncDispose]() {
      await ssh.close();
      await sshd[Symbol.asyncDispose]();
    },
  };
}

for (const login of SHELLS.filter(({ shell }) => exists(shell))) {
  const name = login.shell.split("/").at(-1);

  Deno.test(`exec() gives what the command prints, and nothing of the login shell [${name}]`, async () => {
    await using node = await startNode(login);
    const run = node.ssh.exec.bind(node.ssh);
    const both = await run("printf 'a\\nb'; printf 'c\\377' >&2; exit 3");
    assert.deepEqual([both.code, text(both.stdout)], [3, "a\nb"]);
    assert.deepEqual([...both.stderr], [99, 255]);
    assert.equal(
      text((await run(`cat; echo '!x' "$0" \\\\`, { stdin: HOSTILE })).stdout),
      `${HOSTILE}!x sh \\\n`,
    );
    const { code, signal } = await run("kill -KILL $$");
    assert.deepEqual([code, signal], [undefined, "KILL"]);
  });

  Deno.test(`startInGuest() gives a command its arguments, streams and status as they are [${name}]`, async () => {
    await using node = await startNode(login);
    const random = crypto.getRandomValues(new Uint8Array(65_536));
    const options = { clock: systemClock, stdin: random };
    const argv = ["sh", "-c", 'printf %s "$1" >&2; cat; exit 7', "sh", HOSTILE];
    const { code, stdout, stderr } = await startInGuest(node.ssh, 100, argv, options).ended;
    assert.deepEqual([code, text(stderr)], [7, HOSTILE]);
    assert.deepEqual(stdout, random);
  });

  Deno.test(`pushFile() and pullPath() bring a file as it is, both ways [${name}]`, async () => {
    await using node = await startNode(login);
    const path = `${node.directory}/it's ü !x`;
    const random = crypto.getRandomValues(new Uint8Array(65_536));
    const content = new Uint8Array(await new Blob([random, random, random]).bytes());
    const options = { clock: systemClock };
    await pushFile(node.ssh, 100, content, path, { ...options, mode: "0640" });
    assert.deepEqual(await Deno.readFile(path), content);
    const chunks: Uint8Array[] = [];
    let mode = 0;
    await pullPath(node.ssh, 100, path, {
      onMode: (bits) => mode = bits,
      onDirectory: () => assert.fail("it is a file"),
      onChunk: (chunk) => void chunks.push(chunk),
      ...options,
    });
    assert.equal(mode, 0o640);
    assert.deepEqual(await new Blob(chunks.map((chunk) => chunk.slice())).bytes(), content);
  });

  Deno.test(`runInGuest() runs a script and shows what it prints [${name}]`, async () => {
    await using node = await startNode(login);
    const script = "echo out; echo broken >&2; exit 4";
    const options = { clock: systemClock, timeout: 60_000 };
    const { code, stdout, stderr } = await runInGuest(node.ssh, 100, script, options);
    assert.deepEqual([code, text(stdout), text(stderr)], [4, "out\n", "broken\n"]);
  });
}

const NEVER: readonly (readonly [what: string, bashrc: string])[] = [
  ["another shell takes its place", "exec sh\n"],
  ["it waits for input", "read -r answer\n"],
  ["it prints without end", "while :; do echo Welcome; sleep 0.001; done\n"],
];

for (const [what, bashrc] of NEVER) {
  Deno.test(`exec() says that the login shell runs no commands where ${what}`, async () => {
    const login = { shell: "/bin/bash", files: { ".bashrc": bashrc } };
    await using node = await startNode(login, 500);
    const never = Promise.withResolvers<void>();
    async function* waits(): AsyncGenerator<Uint8Array> {
      await never.promise;
      yield new Uint8Array();
    }
    await assert.rejects(node.ssh.exec("true", { stdin: waits() }), {
      code: "FAILED",
      message:
        /^the login shell of \S+ on 127\.0\.0\.1:\d+ does not run commands: none began within 0\.5 s$/,
    });
    never.resolve();
  });
}

Deno.test("exec() gives a shell that took the place of the login shell nothing to run", async () => {
  const login = { shell: "/bin/bash", files: { ".bashrc": "exec sh\n" } };
  await using node = await startNode(login, 500);
  const file = `${node.directory}/ran`;
  const options = { clock: systemClock, timeout: 60_000 };
  await assert.rejects(runInGuest(node.ssh, 100, `: >${file}`, options), { code: "FAILED" });
  await assert.rejects(node.ssh.exec("sh -s", { stdin: `: >${file}\n` }), { code: "FAILED" });
  assert.ok(!exists(file));
});

Deno.test("exec() says what a login shell that ends has said", async () => {
  const login = { shell: "/bin/bash", files: { ".bashrc": "echo no entry today; exit 7\n" } };
  await using node = await startNode(login);
  await assert.rejects(node.ssh.exec("true"), {
    code: "FAILED",
    message: /does not run commands: it ended with status 7 and ran none; it said: no entry today$/,
  });
});

Deno.test("startInGuest() that is interrupted before the login shell comes to the command ends at once", async () => {
  // It ends with its home: sshd leaves running what its client no longer waits for.
  const bashrc = "while [ -e ~/.bashrc ]; do sleep 0.1; done\n";
  const login = { shell: "/bin/bash", files: { ".bashrc": bashrc } };
  await using node = await startNode(login);
  const command = startInGuest(node.ssh, 100, ["true"], { clock: systemClock });
  await command.kill("TERM");
  await assert.rejects(command.ended, { code: "INTERRUPTED" });
});
