import assert from "node:assert/strict";
import { recipe, snapshot } from "../../tests/support/facts.ts";
import { planCreate } from "../plan/plan.ts";
import { planData, planSummary, planText } from "./plan.ts";
import { style } from "./style.ts";

const provisioning =
  '{ scripts: [{ name: hello, content: echo hello, environment: { TOKEN: "${TOKEN}" } }] }';

Deno.test("planText() is a table with the parameters below, within the terminal's width", async () => {
  const plan = await planCreate(recipe("tags: [a]"), snapshot(), { start: true, provision: true });
  assert.equal(
    planText(plan, style(false), 60),
    `web-1: container 100 on pve01, from local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst
  2 cores, 1024 MiB memory, 10 GiB on local-lvm, vmbr0 dhcp
  steps: create, start, wait for an address

#  ACTION                BY   CALL
1  create container 100  API  POST /nodes/pve01/lxc
2  start                 API  POST /nodes/pve01/lxc/100/status/start
3  wait for an address   API  GET /nodes/pve01/lxc/100/interfaces

with 1: vmid=100
        ostemplate=local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst
        hostname=web-1 unprivileged=1 cores=2 memory=1024
        swap=512 rootfs=local-lvm:10 features=nesting=1
        tags=a net0=name=eth0,bridge=vmbr0,ip=dhcp
`,
  );
});

Deno.test("planSummary() says in three lines what, where, size, network, keys and steps", async () => {
  const wish = recipe(
    "network: [{ ip: 10.0.0.5/24 }, { bridge: vmbr1, ip: manual }]",
    '{ ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtTgZ1zqWZ8Sd2vJ0M4s0Y8x2F6f7m8n9o0p1q2r3s4 a"], packages: [nginx] }',
  );
  const plan = await planCreate(wish, snapshot(), { start: true, provision: true });
  const text = planSummary(plan, style(false), 120);
  assert.equal(text.trimEnd().split("\n").length, 3, text);
  for (
    const part of [
      "web-1: container 100 on pve01, from local:vztmpl/debian-13",
      "2 cores, 1024 MiB memory, 10 GiB on local-lvm, vmbr0 10.0.0.5/24, vmbr1 manual, 1 SSH key",
      "steps: create, start, ",
      "packages nginx",
    ]
  ) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.doesNotMatch(text, /POST|lxc-attach|why SSH/);
});

Deno.test("planText() and planData() hold no script and no secret", async () => {
  const { parseRecipe } = await import("../recipe/mod.ts");
  const text = `container: { hostname: a, template: debian-13 }\nprovisioning: ${provisioning}`;
  const wish = parseRecipe(text, { file: "a.yaml", env: { TOKEN: "s3cr3t" } });
  const plan = await planCreate(wish, snapshot(), { start: true, provision: true });
  const printed = planText(plan, style(false), 100) + JSON.stringify(planData(plan));
  assert.match(printed, /why SSH: /);
  assert.doesNotMatch(printed, /s3cr3t|echo hello/);
});
