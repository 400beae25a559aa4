import assert from "node:assert/strict";
import { connect } from "../../lib/cluster/connect.ts";
import { stepInputs } from "../../lib/plan/step_inputs.ts";
import { create, plan } from "../../mod.ts";
import { buildSteps } from "../../lib/provision/build.ts";
import { provision } from "../../lib/provision/engine.ts";
import { parseRecipe } from "../../lib/recipe/mod.ts";
import type { Recipe } from "../../lib/recipe/schema/types.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN0S2eMMV/IH/VtHEhBTeWju5h76SAwc2rZX9Tb11YjU you@laptop";

function recipe(template: string, shell: string): Recipe {
  const text = `container: { hostname: web-1, template: ${template} }
provisioning:
  locale: de_DE.UTF-8
  timezone: Europe/Berlin
  packages: [git]
  users:
    - { username: dev, uid: 1500, groups: [sudo, audio, team], shell: ${shell}, ssh_keys: [${KEY}] }
    - { username: "my.app", home: "/srv/it's app" }
  ssh_keys: [${KEY}]
  docker: { users: [dev] }
  files: [{ path: /etc/app.conf, content: "x", owner: "dev:team", mode: "0640" }]
`;
  return parseRecipe(text, { file: "web.yaml", env: {} });
}

async function look(lab: Lab, command: string): Promise<string> {
  const guest = lab.simulator.cluster.cts.get(100)?.guest;
  let text = "";
  await guest?.exec(["sh", "-c", command], {
    stdin: (async function* () {})(),
    stdout: (chunk) => void (text += new TextDecoder().decode(chunk)),
    stderr: (chunk) => void (text += new TextDecoder().decode(chunk)),
  });
  return text;
}

const FAMILIES = [
  ["debian-13", "/bin/bash"],
  ["alpine-3.22", "/bin/ash"],
] as const;

for (const [template, shell] of FAMILIES) {
  Deno.test(`create changes all on ${template}, and a second run nothing`, async () => {
    await using lab = await startLab();
    const platform = lab.platform();
    await using cluster = await connect(platform);
    const wish = recipe(template, shell);
    const changed: string[] = [];
    for await (const event of create(cluster, await plan(cluster, wish), { recipe: wish })) {
      if (event.type === "step-done" && event.changed) changed.push(event.step);
    }
    const { inputs } = stepInputs(wish, {});
    const steps = await buildSteps(wish.provisioning, inputs);
    const ids = steps.map(({ id }) => id).filter((id) => id !== "network");
    assert.deepEqual(changed.filter((id) => ids.includes(id)), ids);
    const node = lab.simulator.cluster.cts.get(100)?.node ?? "";
    const options = { ssh: await cluster.ssh(node), vmid: 100, steps, clock: platform.clock };
    for await (const event of provision(options)) {
      assert.deepEqual([event.type, "changed" in event && event.changed], ["step-done", false]);
    }
    assert.equal(
      await look(
        lab,
        "id -Gn dev | tr ' ' '\\n' | sort | tr '\\n' ' '; id -u dev; readlink /etc/localtime; stat -c %U:%G /etc/app.conf",
      ),
      "audio dev docker sudo team 1500\n/usr/share/zoneinfo/Europe/Berlin\ndev:team\n",
    );
    const file = await look(
      lab,
      "cat /etc/sudoers.d/*; grep -h LANG /etc/default/locale /etc/locale.conf /etc/profile.d/* 2>/dev/null",
    );
    assert.match(file, /^"dev" ALL=\(ALL:ALL\) NOPASSWD: ALL\n.*LANG=de_DE.UTF-8\n$/);
    assert.match(await look(lab, "cat '/home/dev/.ssh/authorized_keys'"), /^ssh-ed25519 /);
    assert.match(await look(lab, "grep my.app /etc/passwd"), /:\/srv\/it's app:\/bin\/(ba|)sh\n$/);
  });
}

for (const [template, shell] of FAMILIES) {
  Deno.test(`create runs a script as the user that it names, on ${template}`, async () => {
    await using lab = await startLab();
    const stdin = `container: { hostname: web-1, template: ${template} }
provisioning:
  users: [{ username: dev, shell: ${shell} }]
  scripts:
    - { name: mine, run_as: dev, working_dir: /tmp, content: 'echo "$(id -un) $HOME" >mine' }
`;
    const { status, stderr } = await lab.run(["create", "-"], { stdin });
    assert.equal(status, 0, stderr);
    assert.equal(await look(lab, "cat /tmp/mine; stat -c %U /tmp/mine"), "dev /home/dev\ndev\n");
  });
}
