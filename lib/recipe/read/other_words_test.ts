import assert from "node:assert/strict";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe } from "./parse.ts";

function problemsOf(text: string): string[] {
  try {
    parseRecipe(text);
  } catch (error) {
    if (error instanceof InvalidRecipe) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

Deno.test("parseRecipe() knows the words of other tools for its keys", () => {
  const cases: readonly [text: string, meant: string][] = [
    ["container: { onboot: true }", "start_on_boot"],
    ["container: { rootfs: local-lvm:8 }", "container.resources.storage"],
    ["container: { net0: x }", "network"],
    ["container: { resources: { ram: 2G } }", "memory"],
    ["container: { network: { gw: 10.0.0.1 } }", "gateway"],
    ["container: { mount_points: [{ source: /srv, container: /a }] }", "host"],
    ["container: { mount_points: [{ host: /srv, target: /a }] }", "container"],
    ["provisioning: { users: [{ name: bob }] }", "username"],
    ["provisioning: { files: [{ dest: /a, content: b }] }", "path"],
    ["provisioning: { scripts: [{ run: a }] }", "content"],
    ["provisioning: { commands: [a] }", "scripts"],
    ["name: a", "container.hostname"],
    ["net0: a", "container.network"],
    ["container: { privileged: true }", "unprivileged, its opposite"],
    ["container: { version: 13 }", "template"],
    ["container: { gw: 10.0.0.1 }", "container.network.gateway"],
    ["container: { ssh-public-keys: [a] }", "provisioning.ssh_keys"],
    ["container: { runcmd: [a] }", "provisioning.scripts"],
  ];
  for (const [text, meant] of cases) {
    const [found] = problemsOf(text).filter((problem) => problem.includes("is not a key"));
    assert.ok(found?.endsWith(`did you mean ${meant}?`), `${text}: ${found}`);
  }
});

Deno.test("parseRecipe() proposes for an item of a list nothing from elsewhere", () => {
  const text = "provisioning: { users: [{ username: bob, bridge: x, cores: 1 }] }";
  for (const problem of problemsOf(text)) assert.doesNotMatch(problem, /did you mean container/);
});

Deno.test("parseRecipe() proposes no key that has another meaning than the one that was written", () => {
  const texts = [
    "provisioning: { users: [{ username: bob, gid: 1 }] }",
    "provisioning: { tailscale: { tags: [a] } }",
    "provisioning: { docker: { version: 27 } }",
    "provisioning: { source: x }",
    "source: x",
  ];
  for (const text of texts) {
    const [found] = problemsOf(text).filter((problem) => problem.includes("is not a key"));
    assert.ok(found !== undefined && !found.includes("did you mean"), found);
  }
});
