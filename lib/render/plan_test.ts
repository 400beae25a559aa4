import assert from "node:assert/strict";
import { recipe, snapshot } from "../../tests/support/facts.ts";
import { planCreate } from "../lifecycle/plan.ts";
import { planData, planText } from "./plan.ts";
import { style } from "./style.ts";

const provisioning =
  '{ scripts: [{ name: hello, content: echo hello, environment: { TOKEN: "${TOKEN}" } }] }';

Deno.test("planText() is a table with the parameters below, within the terminal's width", async () => {
  const plan = await planCreate(recipe("tags: [a]"), snapshot(), { start: true, provision: true });
  assert.equal(
    planText(plan, style(false), 60),
    `web-1 as container 100 on pve01: local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst, 2 cores, 1024 MiB, 10 GiB on local-lvm

#  STEP                  BY   CALL
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

Deno.test("planText() and planData() hold no script and no secret", async () => {
  const { parseRecipe } = await import("../recipe/mod.ts");
  const text = `container: { hostname: a, template: debian-13 }\nprovisioning: ${provisioning}`;
  const wish = parseRecipe(text, { file: "a.yaml", env: { TOKEN: "s3cr3t" } });
  const plan = await planCreate(wish, snapshot(), { start: true, provision: true });
  const printed = planText(plan, style(false), 100) + JSON.stringify(planData(plan));
  assert.match(printed, /why SSH: /);
  assert.doesNotMatch(printed, /s3cr3t|echo hello/);
});
