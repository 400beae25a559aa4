import assert from "node:assert/strict";
import type { Env } from "../../core/platform.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe, recipeFromOverrides } from "./parse.ts";
import type { Recipe } from "../schema/types.ts";

const MINIMAL = "container:\n  hostname: web-1\n  template: debian-13\n";

function parse(text: string, env: Env = {}): Recipe {
  return parseRecipe(text, { file: "web.yaml", env });
}

/** The recipe without where it was written. */
function content(text: string, env: Env = {}): Omit<Recipe, "origin"> {
  const { origin: _, ...rest } = parse(text, env);
  return rest;
}

Deno.test("parseRecipe() fills in every default", () => {
  assert.deepEqual(content(MINIMAL), {
    version: "1.0",
    container: {
      hostname: "web-1",
      template: "debian-13",
      unprivileged: true,
      resources: { cores: 2, memory: 1024, swap: 512, storage: 10 },
      network: [{ ip: "dhcp" }],
      features: { nesting: true, keyctl: false, fuse: false, mknod: false, mount: [] },
      mount_points: [],
      devices: [],
      tags: [],
      start_on_boot: false,
      protection: false,
    },
    provisioning: {
      packages: [],
      users: [],
      ssh_keys: [],
      files: [],
      docker: false,
      scripts: [],
    },
  });
});

Deno.test("parseRecipe() fills in the defaults of list items", () => {
  const { container, provisioning } = content(`${MINIMAL}
  mount_points:
    - { host: /srv, container: /data }
    - { volume: local-lvm, size: 8G, container: /db }
  devices: [{ path: /dev/fuse }]
provisioning:
  users: [{ username: dev }]
  files: [{ path: /etc/a, content: "" }]
  tailscale: {}
  scripts: [{ content: "true" }]
`);
  assert.deepEqual(container.mount_points, [
    { host: "/srv", container: "/data", read_only: false },
    { volume: "local-lvm", size: 8, container: "/db", backup: true, read_only: false },
  ]);
  assert.deepEqual(container.devices, [{ path: "/dev/fuse", deny_write: false }]);
  assert.deepEqual(provisioning.users, [{ username: "dev", groups: [], ssh_keys: [] }]);
  assert.deepEqual(provisioning.files, [
    { path: "/etc/a", content: "", mode: "0644", owner: "root:root" },
  ]);
  assert.deepEqual(provisioning.tailscale, {
    accept_routes: false,
    advertise_routes: [],
    shields_up: false,
    ephemeral: false,
  });
  assert.deepEqual(provisioning.scripts, [{
    name: "script-1",
    interpreter: "sh",
    content: "true",
    environment: {},
    timeout: 600,
    continue_on_error: false,
  }]);
});

Deno.test("parseRecipe() makes nesting the default of unprivileged containers only", () => {
  const nesting = (more: string): boolean => content(MINIMAL + more).container.features.nesting;
  assert.equal(nesting("  unprivileged: false\n"), false);
  assert.equal(nesting("  unprivileged: false\n  features: { nesting: true }\n"), true);
  assert.equal(nesting("  features: { keyctl: true }\n"), true);
  assert.equal(nesting("  features: { nesting: false }\n"), false);
});

Deno.test("parseRecipe() reads numbers and sizes with and without units", () => {
  const { container, provisioning } = content(`${MINIMAL}
  resources: { cores: "4", cpulimit: 1.5, memory: 2G, swap: 1.5 GiB, storage: 1T }
  network: { rate: 12.5, vlan: 7 }
provisioning:
  scripts: [{ content: a, timeout: 10m }, { content: b, timeout: 90s }]
`);
  assert.deepEqual(container.resources, {
    cores: 4,
    cpulimit: 1.5,
    memory: 2048,
    swap: 1536,
    storage: 1024,
  });
  assert.deepEqual(container.network, [{ ip: "dhcp", rate: 12.5, vlan: 7 }]);
  assert.deepEqual(provisioning.scripts.map(({ timeout }) => timeout), [600, 90]);
});

Deno.test("parseRecipe() keeps the digits of modes, versions and variables", () => {
  const { version, provisioning } = content(`version: 1.0\n${MINIMAL}
provisioning:
  files: [{ path: /a, content: x, mode: 0640 }, { path: /b, content: x, mode: 755 }]
  scripts: [{ content: x, environment: { VERSION: 1.10, ON: yes, PORT: 0080, T: True } }]
`);
  assert.equal(version, "1.0");
  assert.deepEqual(provisioning.files.map(({ mode }) => mode), ["0640", "0755"]);
  assert.deepEqual(provisioning.scripts[0]?.environment, {
    VERSION: "1.10",
    ON: "yes",
    PORT: "0080",
    T: "True",
  });
});

Deno.test("parseRecipe() brings tags, paths and addresses to one form", () => {
  const { container } = content(`${MINIMAL}
  tags: [Web, dev, web, 2024, dev]
  mount_points: [{ host: /srv//data/, container: /data/ }]
  network: { mac: bc:24:11:00:00:01 }
  nameserver: "9.9.9.9, 1.1.1.1;2620:fe::fe"
  searchdomain: a.example,b.example
`);
  // Whether Web and web are one tag, the datacenter says.
  assert.deepEqual(container.tags, ["2024", "Web", "dev", "web"]);
  assert.deepEqual(container.mount_points[0], {
    host: "/srv/data",
    container: "/data",
    read_only: false,
  });
  assert.equal(container.network[0]?.mac, "BC:24:11:00:00:01");
  assert.equal(container.nameserver, "9.9.9.9 1.1.1.1 2620:fe::fe");
  assert.equal(container.searchdomain, "a.example b.example");
});

Deno.test("parseRecipe() takes the interpreter from the first line of a script", () => {
  const interpreter = (line: string): string | undefined =>
    content(`${MINIMAL}provisioning:\n  scripts:\n    - content: ${JSON.stringify(line)}\n`)
      .provisioning.scripts[0]?.interpreter;
  assert.equal(interpreter("#!/bin/bash\necho"), "/bin/bash");
  assert.equal(interpreter("#!/bin/bash -eu\necho"), "/bin/bash -eu");
  assert.equal(interpreter("#!/usr/bin/env python3\n"), "python3");
  assert.equal(interpreter("#!/usr/bin/env -S python3 -u"), "python3 -u");
  assert.equal(interpreter("echo '#!/bin/bash'"), "sh");
  const chosen = `${MINIMAL}provisioning:
  scripts: [{ interpreter: bash -eu, content: "#!/bin/sh" }]\n`;
  assert.equal(content(chosen).provisioning.scripts[0]?.interpreter, "bash -eu");
});

Deno.test("parseRecipe() takes keys without a value as not written", () => {
  const text =
    `${MINIMAL}  node:\n  tags: ~\n  network:\n  resources:\n    cores:\nprovisioning:\n`;
  assert.deepEqual(content(text), content(MINIMAL));
});

Deno.test("parseRecipe() leaves keys that begin with x- to anchors", () => {
  const text = `x-defaults: &defaults\n  cores: 4\n  memory: 2G\n${MINIMAL}
  resources:
    <<: *defaults
    memory: 512
`;
  assert.deepEqual(content(text).container.resources, {
    cores: 4,
    memory: 512,
    swap: 512,
    storage: 10,
  });
});

Deno.test("parseRecipe() remembers where each value was written", () => {
  const { origin } = parse(`${MINIMAL}  cores: 4
  network_ip: 10.0.0.2/24
  tags: [b, a]
provisioning:
  tailscale: true
`);
  assert.equal(origin?.file, "web.yaml");
  const at = (path: string): string => {
    const position = origin?.positions[path];
    return `${position?.line}:${position?.column}`;
  };
  assert.equal(at("container.hostname"), "2:13");
  // A flat key is found where it really stands.
  assert.equal(at("container.resources.cores"), "4:10");
  assert.equal(at("container.network[0].ip"), "5:15");
  // A default is found at its nearest parent.
  assert.equal(at("container.resources.memory"), "1:1");
  assert.equal(at("container.tags"), "6:3");
  assert.equal(at("container.tags[0]"), "undefined:undefined");
  assert.equal(at("provisioning.tailscale"), "8:14");
  assert.equal(at("provisioning.docker"), "7:1");
});

Deno.test("parseRecipe() tells every problem at once, in the order of the file", () => {
  const text = `container:
  hostname: web_1
  resources:
    coers: 4
    memory: 0
  network: { ip: dhpc }
provisioning:
  docker: yes
  scripts: [{ name: a }]
`;
  assert.throws(() => parse(text), (error) => {
    assert.ok(error instanceof InvalidRecipe);
    assert.equal(error.code, "INVALID_RECIPE");
    assert.equal(
      error.message,
      [
        "web.yaml has 7 problems",
        "  web.yaml:1:1: container.template is missing",
        "    → write template: debian-13 below container, or give --template",
        '  web.yaml:2:13: container.hostname is "web_1"; it must be letters, digits and hyphens, ' +
        "in parts of at most 63 that dots separate; did you mean web-1?",
        "  web.yaml:4:5: container.resources.coers is not a key; did you mean cores?",
        "  web.yaml:5:13: container.resources.memory is 0 MiB; it must be at least 16",
        '  web.yaml:6:18: container.network.ip is "dhpc"; it must be dhcp, manual or an IPv4 ' +
        "address with its prefix, such as 192.168.1.10/24; did you mean dhcp?",
        '  web.yaml:8:11: provisioning.docker is "yes"; it must be true or false; did you mean true?',
        "  web.yaml:9:13: provisioning.scripts[0] has neither content nor source",
      ].join("\n"),
    );
    assert.deepEqual(error.problems[3], {
      path: "container.resources.memory",
      message: "container.resources.memory is 0 MiB; it must be at least 16",
      file: "web.yaml",
      line: 5,
      column: 13,
    });
    return true;
  });
});

Deno.test("parseRecipe() gives a single problem and its hint as message and hint", () => {
  assert.throws(() => parse("container: { template: debian-13 }"), {
    message: "web.yaml:1:1: container.hostname is missing",
    hint: "write hostname: NAME below container, or give --hostname",
  });
});

Deno.test("parseRecipe() refuses an encrypted recipe that was not decrypted with one problem", () => {
  const text = `container:\n  hostname: ENC[AES256_GCM,data:x]\nsops:\n  mac: ENC[x]\n`;
  assert.throws(() => parse(text), {
    code: "INVALID_RECIPE",
    message: "web.yaml:3:1: the recipe is encrypted with sops, and was not decrypted",
  });
});

Deno.test("recipeFromOverrides() makes a recipe without a file", () => {
  const recipe = recipeFromOverrides([
    { path: "container.hostname", value: "web-1", source: "--hostname" },
    { path: "container.template", value: "debian-13", source: "--template" },
    { path: "container.resources.cores", value: 4, source: "your answer" },
  ], { env: {} });
  assert.equal("origin" in recipe, false);
  assert.equal(recipe.container.resources.cores, 4);
});

Deno.test("recipeFromOverrides() names the flag of each problem, and what is missing", () => {
  assert.throws(
    () =>
      recipeFromOverrides([
        { path: "container.hostname", value: "-", source: "--hostname" },
        { path: "container.resources.cores", value: "0", source: "--cores" },
      ], { env: {} }),
    (error) => {
      assert.ok(error instanceof InvalidRecipe);
      assert.deepEqual(error.message.split("\n").filter((line) => /^ {2}\S/.test(line)), [
        '  --hostname: container.hostname is "-"; it must be letters, digits and hyphens, in parts of at most 63 that dots separate',
        "  container.template is missing",
        "  --cores: container.resources.cores is 0; it must be at least 1",
      ]);
      return true;
    },
  );
});
