import assert from "node:assert/strict";
import { connect } from "../../../lib/cluster/connect.ts";
import { loadRecipe } from "../../../lib/operations/load_recipe.ts";
import { planProvision, provision } from "../../../lib/operations/provision.ts";
import { type LxcLab, startLxcLab, type System } from "../../lab/mod.ts";
import { sshWords } from "./node_ssh.ts";

/** Ten steps that have a check, and one that runs each time. */
function recipe(key: string): string {
  return `
container: { hostname: all, template: debian-12, resources: { storage: 4 } }
provisioning:
  locale: de_DE.UTF-8
  timezone: Europe/Berlin
  packages: [tree, bc]
  users:
    - username: dev
      uid: 1500
      groups: [sudo, builders]
      shell: /bin/bash
      ssh_keys: ["${key}"]
    - { username: app, home: /srv/app }
  ssh_keys: ["${key}"]
  files:
    - { path: /srv/app/etc/app.conf, content: "port = 8080\\n", mode: "0640", owner: "app:builders" }
    - { path: /usr/local/bin/hello, source: hello, mode: "0755" }
    - { path: /etc/app/empty.conf, content: "", mode: "0600" }
  docker: { users: [dev] }
  scripts:
    - name: count
      run_as: dev
      working_dir: /srv
      environment: { WORD: "it's $HOME" }
      content: printf '%s %s %s\\n' "$(id -un)" "$PWD" "$WORD" >>~/runs
`;
}

const steps = ["locale", "timezone", "packages", "users[0]", "users[1]", "ssh_keys"]
  .concat("files[0]", "files[1]", "files[2]", "docker");

/** Creates a container by a recipe with every step, and runs it again: on real apt, for each release. */
export async function everyStep(template: System, release: string): Promise<void> {
  await using lab = await startLxcLab(template);
  const directory = await Deno.makeTempDir({ prefix: "pxrun-recipe-" });
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
  const key = (await lab.node.sh("cat /run/lab/client_key.pub")).trim();
  const file = `${directory}/all.yaml`;
  await Deno.writeTextFile(file, recipe(key));
  await Deno.writeTextFile(`${directory}/hello`, "#!/bin/sh\necho hello\n");

  const args = ["create", file, "--template", template, "--yes", "--format", "json"];
  const created = await lab.run(args);
  assert.equal(created.status, 0, created.stderr);
  await lookInside(lab, release);
  await logIn(lab, JSON.parse(created.stdout).addresses[0]);

  const again = await lab.run(["provision", "all", file, "--format", "json"]);
  assert.equal(again.status, 0, again.stderr);
  const { changed, unchanged } = JSON.parse(again.stdout);
  assert.deepEqual([changed, unchanged], [["scripts[0]"], ["network", ...steps]]);
  assert.equal(await inside(lab, "cat /home/dev/runs"), "dev /srv it's $HOME\n".repeat(2));

  await timeUnchanged(lab, file);
}

function inside(lab: LxcLab, script: string): Promise<string> {
  return lab.node.sh('exec lxc-attach -n 100 --clear-env -- sh -euc "$1"', [script]);
}

/** What the container itself says. */
async function lookInside(lab: LxcLab, release: string): Promise<void> {
  const look = (script: string): Promise<string> => inside(lab, script);
  assert.match(await look("cat /etc/os-release"), new RegExp(`^VERSION_CODENAME=${release}$`, "m"));
  assert.match(await look("locale -a"), /^de_DE\.utf8$/m);
  assert.equal(await look("LANG=de_DE.UTF-8 locale decimal_point"), ",\n");
  assert.match(await look("date -d 2026-01-01 +%Z"), /^CET$/m);
  assert.equal(
    await look("dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' tree bc"),
    "bc ii \ntree ii \n",
  );
  assert.equal(await look("getent passwd dev"), "dev:x:1500:1500::/home/dev:/bin/bash\n");
  assert.deepEqual(
    (await look("id -Gn dev")).trim().split(" ").sort(),
    ["builders", "dev", "docker", "sudo"],
  );
  assert.match(await look("getent group builders"), /:dev$/m);
  assert.match(await look("getent passwd app"), /^app:x:\d+:\d+::\/srv\/app:/);
  assert.equal(
    await look(
      "cd /srv/app; stat -c '%U:%G' .; stat -c '%a %U:%G' etc etc/app.conf; cat etc/app.conf",
    ),
    "app:app\n755 root:root\n640 app:builders\nport = 8080\n",
  );
  assert.equal(
    await look("stat -c '%s %a %U:%G' /etc/app/empty.conf; hello"),
    "0 600 root:root\nhello\n",
  );
  assert.match(
    await look("docker info --format '{{.Driver}} {{.ServerVersion}}'"),
    /^overlay2 \d+\./,
  );
  assert.match(await look("docker images --quiet; systemctl is-enabled docker"), /^enabled$/m);
}

/** What who logs in with the key finds, as root and as the user. */
async function logIn(lab: LxcLab, address: string): Promise<void> {
  const ssh = (user: string, command: string): Promise<string> =>
    lab.node.sh(
      "exec ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no " +
        '-o UserKnownHostsFile=/dev/null -i /run/lab/client_key "$1@$2" "$3"',
      [user, address, command],
    );
  assert.equal(await ssh("root", "id -u; grep -c '' .ssh/authorized_keys"), "0\n1\n");
  assert.equal(await ssh("dev", "echo $LANG; sudo -n id -u; docker ps -q"), "de_DE.UTF-8\n0\n");
}

/** How long ten steps take that have nothing to do, beside entering the container for nothing. */
async function timeUnchanged(lab: LxcLab, file: string): Promise<void> {
  const platform = lab.platform();
  await using cluster = await connect(platform);
  const ssh = await cluster.ssh("pve01");
  const recipe = await loadRecipe(platform, file);
  const plan = await planProvision(cluster, "all", {
    ...recipe,
    provisioning: { ...recipe.provisioning, scripts: [] },
  });
  const ten = async (): Promise<void> => {
    for await (const event of provision(cluster, plan)) {
      if (event.type !== "provisioned") continue;
      assert.deepEqual(event.result.unchanged, ["network", ...steps]);
    }
  };
  const attach = "lxc-attach -n 100 --clear-env -- true";
  const [program = "", ...words] = sshWords(lab);
  const bare = async (): Promise<void> => {
    const { success } = await new Deno.Command(program, { args: [...words, attach] }).output();
    assert.ok(success);
  };
  const open = async (): Promise<void> => assert.equal((await ssh.exec(attach)).code, 0);
  const limit = 2;
  const [tenMs = 0, bareMs = 0, openMs = 0] = await quickest(
    [ten, bare, open],
    ([tenMs = 0, bareMs = 0]) => tenMs <= limit * bareMs,
  );
  const ratio = tenMs / bareMs;
  console.log(
    `ten steps unchanged take ${tenMs.toFixed()} ms: ${ratio.toFixed(2)} × ssh node lxc-attach … ` +
      `true, ${(tenMs / openMs).toFixed(1)} × the same on an open connection`,
  );
  assert.ok(ratio <= limit, `${ratio}`);
}

/**
 * The shortest time of each, in turns, in milliseconds. A machine that is busy with something else
 * may spoil many turns, so that they are gone on with until the times will do, within reason.
 */
async function quickest(
  works: readonly (() => Promise<void>)[],
  willDo: (best: readonly number[]) => boolean,
): Promise<number[]> {
  const best = works.map(() => Infinity);
  for (let round = 0; round < 7 || round < 40 && !willDo(best); round++) {
    for (const [index, work] of works.entries()) {
      const begun = performance.now();
      await work();
      best[index] = Math.min(best[index] ?? Infinity, performance.now() - begun);
    }
  }
  return best;
}
