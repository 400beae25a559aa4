import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";
import type { Ran } from "../../support/simulator.ts";
import { until } from "../../support/until.ts";

/** A running container, and a way to bring it to what a recipe's provisioning wants. */
interface One extends AsyncDisposable {
  readonly lab: LxcLab;
  /** Provisioning as plain data: JSON is YAML too. */
  provision(wishes: unknown, args?: readonly string[]): Promise<Ran>;
  /** Runs a script in the container. */
  inside(script: string): Promise<string>;
}

async function startOne(): Promise<One> {
  const lab = await startLxcLab("debian-13");
  const container = { hostname: "one", template: "debian-13" };
  const stdin = JSON.stringify({ container });
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin });
  assert.equal(status, 0, stderr);
  return {
    lab,
    provision: (provisioning, args = []) =>
      lab.run(["provision", "one", "-", ...args], {
        stdin: JSON.stringify({ container, provisioning }),
      }),
    inside: (script) => lab.node.sh('exec lxc-attach -n 100 --clear-env -- sh -euc "$1"', [script]),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

const HOSTILE = "a'b\"c`id`$(id)${HOME}\\n\\\\ \t\n\r\n%s !! #; & | * ~ 'ä€😀' \u0001\u007f\n\n";

Deno.test("hostile values arrive in a container byte for byte", async () => {
  await using one = await startOne();
  const directory = await Deno.makeTempDir({ prefix: "pxrun-hostile-" });
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
  const binary = randomBytes(300_000);
  await Deno.writeFile(`${directory}/binary`, binary);
  const text = HOSTILE.repeat(15_000);
  await Deno.writeTextFile(`${directory}/large`, text);
  const path = '/srv/it\'s "$(id)" ä€ *\\/file';
  // Taken literally in contents; elsewhere ${…} is a variable of whoever runs this.
  const escaped = HOSTILE.replaceAll("${", () => "$${");
  const { status, stderr } = await one.provision({
    files: [
      { path, content: HOSTILE },
      { path: "/srv/large", source: `${directory}/large` },
      { path: "/srv/binary", source: `${directory}/binary` },
    ],
    scripts: [{
      name: "it's `id` $(id) ä€ * \\",
      environment: { VALUE: escaped },
      working_dir: path.slice(0, -"/file".length),
      content: `printf %s "$VALUE" >value; cat >content <<'END'\n${HOSTILE}END\n`,
    }],
  });
  assert.equal(status, 0, stderr);
  const read = async (file: string): Promise<Uint8Array> =>
    (await one.lab.node.exec(["lxc-attach", "-n", "100", "--", "cat", file])).stdout;
  const bytes = new TextEncoder();
  const same = async (file: string, wanted: Uint8Array): Promise<void> =>
    assert.ok(Buffer.compare(await read(file), wanted) === 0, file);
  const beside = (name: string): string => path.replace(/file$/, name);
  await same(path, bytes.encode(HOSTILE));
  await same(beside("value"), bytes.encode(HOSTILE));
  await same(beside("content"), bytes.encode(HOSTILE));
  await same("/srv/large", bytes.encode(text));
  await same("/srv/binary", binary);
});

Deno.test("a step that is killed by its timeout leaves no process in the container", async () => {
  await using one = await startOne();
  const { status, stderr } = await one.provision({
    scripts: [{
      name: "endless",
      timeout: 5,
      content: `trap '' TERM INT HUP
(trap '' TERM; while :; do sleep 1000; done) &
setsid sleep 1001 &
nohup sleep 1002 >/dev/null 2>&1 &
echo begun
sleep 1003
wait`,
    }],
  });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /endless: failed in container 100, .* took longer than 5 s .*it was ended/);
  assert.match(stderr, /\n +begun$/m);
  // The last shell of the run removes its directory, and then ends itself.
  const left = "ps -eo args | grep -e '[s]leep' -e '[s]h -s' || :; ls -A /run/pxrun || :";
  await until("nothing to be left", async () => await one.inside(left) === "");
});

Deno.test("a step ends with itself, whatever it leaves running, reads, kills or prints", async () => {
  await using one = await startOne();
  const run = (content: string): Promise<Ran> =>
    one.provision({ scripts: [{ name: "it", content, timeout: 60 }] });

  const background = await run("sleep 3600 & echo $! >/root/pid");
  assert.equal(background.status, 0, background.stderr);
  await one.inside("kill -0 $(cat /root/pid)");

  const reading = await run("cat >/root/read; read -r line || echo nothing >>/root/read");
  assert.equal(reading.status, 0, reading.stderr);
  assert.equal(await one.inside("cat /root/read"), "nothing\n");

  const killing = await run("echo last; kill -KILL $$");
  assert.equal(killing.status, 1);
  assert.match(killing.stderr, /it: failed in container 100, .*(137|KILL)[^]*last/);
  const parent = await run("echo last; kill -KILL $PPID; sleep 3600");
  assert.equal(parent.status, 1);
  assert.match(parent.stderr, /it: failed in container 100, .*(137|KILL)/);

  const printing = await run('yes "$(seq -s " " 80)" | head -c 100000000');
  assert.equal(printing.status, 0, printing.stderr);

  const rebooting = await run("reboot; sleep 3600");
  assert.equal(rebooting.status, 1);
  assert.match(rebooting.stderr, /exit status 143 .*the container is shut down or restarted/);
});
