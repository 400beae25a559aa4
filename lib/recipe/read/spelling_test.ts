import assert from "node:assert/strict";
import type { Override } from "./overrides.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe } from "./parse.ts";
import { canonicalPath } from "./spelling.ts";
import type { Recipe } from "../schema/types.ts";

/** The recipe without where it was written. */
function content(text: string): Omit<Recipe, "origin"> {
  const { origin: _, ...rest } = parseRecipe(text, { file: "f", env: {} });
  return rest;
}

function problems(text: string): string[] {
  try {
    content(text);
  } catch (error) {
    assert.ok(error instanceof InvalidRecipe);
    return error.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  }
  return [];
}

const NESTED = `version: "1.0"
container:
  vmid: 1250
  hostname: testlxc
  node: pve01
  template: debian-13
  resources:
    cores: 4
    memory: 2048
    storage: 20
    storage_pool: nvme
  network:
    bridge: vmbr1
    ip: 192.168.1.100/24
    gateway: 192.168.1.1
  start_on_boot: true
provisioning:
  packages: []
  docker: true
  tailscale: true
`;

const FLAT = `container:
  vmid: 1250
  hostname: testlxc
  node: pve01
  template: debian-13
  cores: 4
  memory: 2048
  storage: 20
  storage_pool: nvme
  network_bridge: vmbr1
  network_ip: 192.168.1.100/24
  network_gateway: "192.168.1.1"
  start_on_boot: true
provisioning:
  packages: []
  docker: true
  tailscale:
    provision: true
    ephemeral: false
`;

Deno.test("spell() makes one recipe of the flat and the nested form", () => {
  assert.deepEqual(content(FLAT), content(NESTED));
});

Deno.test("spell() makes a list of one of a single network interface", () => {
  const listed = NESTED.replace(
    /network:\n {4}bridge: (\S+)\n {4}ip: (\S+)\n {4}gateway: (\S+)/,
    "network:\n    - bridge: $1\n      ip: $2\n      gateway: $3",
  );
  assert.notEqual(listed, NESTED);
  assert.deepEqual(content(listed), content(NESTED));
});

Deno.test("spell() takes the two forms together, whatever their order", () => {
  const flatFirst = `container:
  hostname: a
  template: b
  network_gateway: 10.0.0.1
  cores: 4
  network:
    - { ip: 10.0.0.2/24 }
    - { ip: manual }
  resources: { memory: 64 }
`;
  const { container } = content(flatFirst);
  assert.deepEqual(container.network, [{ ip: "10.0.0.2/24", gateway: "10.0.0.1" }, {
    ip: "manual",
  }]);
  assert.deepEqual(container.resources, { cores: 4, memory: 64, swap: 512, storage: 10 });
});

Deno.test("spell() refuses two spellings with different values and takes equal ones", () => {
  const both = (flat: string, nested: string): string =>
    `container:\n  hostname: a\n  template: b\n  ${flat}\n  ${nested}\n`;
  assert.deepEqual(problems(both("cores: 2", "resources: { cores: 4 }")), [
    "5:16: container.resources.cores and container.cores mean the same but differ; keep one",
  ]);
  assert.deepEqual(problems(both("network: { ip: dhcp }", "network_ip: manual")), [
    "5:3: container.network_ip and container.network.ip mean the same but differ; keep one",
  ]);
  assert.deepEqual(problems(both("network: none", "network_ip: dhcp")), [
    "4:12: container.network is a single value; it must be a mapping such as { ip: dhcp }, or a list of them",
    "5:3: container.network_ip is given twice, in forms that exclude each other",
  ]);
  assert.deepEqual(problems(both("cores: 2", "resources: { cores: 2 }")), []);
});

Deno.test("spell() finds DNS settings of the container in a network interface too", () => {
  const inside = content(`container:
  hostname: a
  template: b
  network: { ip: dhcp, nameserver: 9.9.9.9, searchdomain: example.com }
`).container;
  assert.equal(inside.nameserver, "9.9.9.9");
  assert.equal(inside.searchdomain, "example.com");
  assert.deepEqual(inside.network, [{ ip: "dhcp" }]);
});

Deno.test("spell() knows every way to ask for Tailscale", () => {
  const tailscale = (value: string): unknown =>
    content(`container: { hostname: a, template: b }\nprovisioning:\n  tailscale: ${value}\n`)
      .provisioning.tailscale;
  const defaults = {
    accept_routes: false,
    advertise_routes: [],
    shields_up: false,
    ephemeral: false,
  };
  assert.deepEqual(tailscale("true"), defaults);
  assert.deepEqual(tailscale("{}"), defaults);
  assert.deepEqual(tailscale("{ provision: true }"), defaults);
  assert.deepEqual(tailscale("{ provision: true, hostname: x }"), { hostname: "x", ...defaults });
  assert.equal(tailscale("false"), undefined);
  assert.equal(tailscale("{ provision: false }"), undefined);
  assert.equal(tailscale(""), undefined);
});

Deno.test("spell() names values as they were written, and tells empty items of a list", () => {
  const head = "container:\n  hostname: a\n  template: b\n";
  assert.deepEqual(
    problems(`${head}  network_ip: x\n  storage: 0\n`).map((line) => line.slice(0, 40)),
    [
      '4:15: container.network_ip is "x"; it mu',
      "5:12: container.storage is 0 GiB; it mus",
    ],
  );
  assert.deepEqual(problems(`${head}  network:\n    -\n    - ip: dhcp\n`), [
    "5:6: container.network[0] is empty; it must be a mapping of keys to values",
  ]);
});

Deno.test("canonicalPath() leads from every spelling to the nested one", () => {
  assert.deepEqual(canonicalPath(["container", "cores"]), ["container", "resources", "cores"]);
  assert.deepEqual(canonicalPath(["container", "network_ip"]), ["container", "network", 0, "ip"]);
  assert.deepEqual(canonicalPath(["container", "network", "ip"]), [
    "container",
    "network",
    0,
    "ip",
  ]);
  assert.deepEqual(canonicalPath(["container", "network", "nameserver"]), [
    "container",
    "nameserver",
  ]);
  assert.deepEqual(canonicalPath(["container", "network", 1, "mtu"]), [
    "container",
    "network",
    1,
    "mtu",
  ]);
  assert.deepEqual(canonicalPath(["container", "hostname"]), ["container", "hostname"]);
  assert.deepEqual(canonicalPath(["provisioning", "cores"]), ["provisioning", "cores"]);
});

Deno.test("docker is true, false or a mapping, and flags reach into all of them", () => {
  const docker = (value: string, overrides: Override[] = []): unknown =>
    parseRecipe(`container: { hostname: a, template: b }\nprovisioning: { docker: ${value} }`, {
      file: "a.yaml",
      env: { ON: "true" },
      overrides,
    }).provisioning.docker;
  const all = { source: "official", users: [], compose: true };
  assert.deepEqual(docker("true"), all);
  assert.deepEqual(docker('"${ON}"'), all);
  assert.deepEqual(docker("{}"), all);
  assert.equal(docker("false"), false);
  assert.equal(docker("{ install: false, source: distro }"), false);
  assert.equal(docker(""), false);
  assert.deepEqual(docker("{ source: distro, users: [dev], compose: false }"), {
    source: "distro",
    users: ["dev"],
    compose: false,
  });
  const set = { path: "provisioning.docker.source", value: "distro", source: "--set" };
  assert.deepEqual(docker("true", [set]), { ...all, source: "distro" });
  const off = { path: "provisioning.docker", value: "false", source: "--set" };
  assert.equal(docker("{ source: distro }", [off]), false);
  assert.throws(
    () => docker("{ source: snap }"),
    /docker\.source is "snap"; it must be official or/,
  );
  assert.throws(() => docker("[a]"), /docker is a list; it must be true, false, or a mapping/);
});
