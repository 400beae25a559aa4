import assert from "node:assert/strict";
import type { Env } from "../../core/platform.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe } from "./parse.ts";

/** The messages of what is wrong when these lines are added to a valid recipe. */
function problems(container: string, provisioning = "", env: Env = {}): string[] {
  const text = `container: { hostname: a, template: b, ${container} }\n` +
    `provisioning: { ${provisioning} }\n`;
  try {
    parseRecipe(text, { file: "f", env });
  } catch (error) {
    assert.ok(error instanceof InvalidRecipe, String(error));
    return error.problems.map(({ message }) => message);
  }
  return [];
}

Deno.test("parseRecipe() says of each value of a container what is wrong with it", () => {
  const cases: [string, string][] = [
    ["vmid: 99", "container.vmid is 99; it must be at least 100"],
    ["vmid: 1000000000", "container.vmid is 1000000000; it must be at most 999999999"],
    ["vmid: abc", 'container.vmid is "abc"; it must be a whole number from 100 to 999999999'],
    ["vmid: 1.5", "container.vmid is 1.5; it must be a whole number from 100 to 999999999"],
    ["vmid: 0x80", 'container.vmid is "0x80"; it must be a whole number from 100 to 999999999'],
    ["vmid: [105]", "container.vmid is a list; it must be a single value"],
    ["resources: { cores: 8193 }", "container.resources.cores is 8193; it must be at most 8192"],
    [
      "resources: { cpulimit: lots }",
      'container.resources.cpulimit is "lots"; it must be a number from 0 to 8192, such as 1.5',
    ],
    ["memory: 15", "container.memory is 15 MiB; it must be at least 16"],
    [
      "memory: 1.1G",
      "container.memory is 1126.4 MiB; it must come to whole MiB; did you mean 1127M?",
    ],
    ["memory: 8X", 'container.memory is "8X"; it must be a size such as 2048 (MiB) or 2G'],
    ["resources: { swap: -1 }", "container.resources.swap is -1 MiB; it must be at least 0"],
    [
      "storage: 512M",
      "container.storage is 0.5 GiB; it must come to whole GiB; did you mean 1G?",
    ],
    ["storage: 5000T", "container.storage is 5120000 GiB; it must be at most 1048576"],
    ["storage: 0", "container.storage is 0 GiB; it must be at least 1"],
    [
      "storage_pool: local-lvm:8",
      'container.storage_pool is "local-lvm:8"; it must be the name of a storage alone; its size has a key of its own; did you mean local-lvm?',
    ],
    [
      "node: pve_1",
      'container.node is "pve_1"; it must be the name of a node: letters, digits and hyphens',
    ],
    ...["a/../b", "..", "a/.", "./a"].map((pool): [string, string] => [
      `pool: "${pool}"`,
      `container.pool is "${pool}"; it must be the name of a pool: letters, digits, . _ and -`,
    ]),
    [
      "startup: first",
      'container.startup is "first"; it must be order, up and down with numbers, such as order=1,up=10,down=5',
    ],
    [
      "hookscript: /root/hook.pl",
      'container.hookscript is "/root/hook.pl"; it must be the volid of a snippet, such as local:snippets/hook.pl',
    ],
    ["tags: [a b]", 'container.tags[0] is "a b"; it must be letters, digits, _ . + and -'],
    ["tags: web", "container.tags is a single value; it must be a list, such as tags: [a, b]"],
    ["tags: [a, ]", ""],
    ["tags: [a, null]", 'container.tags[1] is empty; it must have a value ("" is an empty text)'],
    [
      "protection: on",
      'container.protection is "on"; it must be true or false; did you mean true?',
    ],
    [
      "unprivileged: No",
      'container.unprivileged is "No"; it must be true or false; did you mean false?',
    ],
    [
      "nameserver: dns",
      'container.nameserver is "dns"; it must be addresses of DNS servers, separated by spaces',
    ],
    ["features: [nesting]", "container.features is a list; it must be a mapping of keys to values"],
    [
      "mount_points: [{ host: srv, container: /a }]",
      'container.mount_points[0].host is "srv"; it must be an absolute path, such as /srv/data',
    ],
    [
      "mount_points: [{ host: /srv/../etc, container: /a }]",
      'container.mount_points[0].host is "/srv/../etc"; it must be a path without . and ..',
    ],
    [
      'mount_points: [{ host: "/a,b", container: /a }]',
      'container.mount_points[0].host is "/a,b"; it must be a path without commas, semicolons and equals signs, which Proxmox cannot take',
    ],
    [
      "mount_points: [{ host: /a, container: / }]",
      'container.mount_points[0].container is "/"; it must be a path below /',
    ],
    [
      "devices: [{ path: /sys/x }]",
      'container.devices[0].path is "/sys/x"; it must be a device node below /dev',
    ],
    [
      "devices: [{ path: /dev/x, mode: rw }]",
      'container.devices[0].mode is "rw"; it must be octal digits such as "0660"',
    ],
    [
      "devices: [{ path: /dev/x, mode: 4660 }]",
      'container.devices[0].mode is 4660; it must be octal digits without special bits, such as "0660"',
    ],
    ["hostname2: x", "container.hostname2 is not a key; did you mean hostname?"],
    ["packages: [a]", "container.packages is not a key; did you mean provisioning.packages?"],
    ["Cores: 2", "container.Cores is not a key; did you mean cores?"],
  ];
  for (const [given, message] of cases) {
    assert.deepEqual(problems(given), message === "" ? [] : [message], given);
  }
});

Deno.test("parseRecipe() says of a network interface what is wrong with it", () => {
  const cases: [string, string][] = [
    [
      "ip: 10.0.0.5",
      "container.network.ip is 10.0.0.5; it must have the length of its network's prefix; did you mean 10.0.0.5/24?",
    ],
    [
      "ip: 10.0.0.0/24",
      "container.network.ip is 10.0.0.0/24; it must be the address of a host, not the first or last of its network",
    ],
    ["ip: 10.0.0.1/31", ""],
    ["ip: 10.1.1.1/7", "container.network.ip is 10.1.1.1/7; it must have a prefix of at least 8"],
    [
      "ip: auto, ip6: auto",
      'container.network.ip is "auto"; it must be dhcp, manual or an IPv4 address with its prefix, such as 192.168.1.10/24',
    ],
    [
      "ip: 10.0.0.2/24, gateway: 10.0.1.1",
      "container.network.gateway is 10.0.1.1; it must be inside the network of ip, 10.0.0.2/24",
    ],
    [
      "ip: 10.0.0.2/24, gateway: 10.0.0.2",
      "container.network.gateway is 10.0.0.2; it must not be the container's own address",
    ],
    ["ip: 10.0.0.2/24, gateway: 10.0.0.1", ""],
    ["ip: 10.0.0.2/24", ""],
    ["ip: 10.0.0.2/32, gateway: 172.31.1.1", ""],
    ["ip6: 2001:db8::2/64, gateway6: fe80::1", ""],
    [
      "ip6: 2001:db8::2/64, gateway6: 2001:db8:1::1",
      'container.network.gateway6 is "2001:db8:1::1"; it must be inside the network of ip6, "2001:db8::2/64"',
    ],
    [
      "gateway: 10.0.0.1",
      "container.network.gateway has no effect when ip is dhcp; give an address, or leave it out",
    ],
    [
      "ip: manual, gateway: 10.0.0.1",
      "container.network.gateway has no effect when ip is manual; give an address, or leave it out",
    ],
    [
      "gateway6: fe80::1",
      "container.network.gateway6 has no effect when there is no ip6; give an address, or leave it out",
    ],
    [
      "ip: 10.0.0.2/24, gateway: 10.0.0.1/24",
      "container.network.gateway is 10.0.0.1/24; it must be an address without a prefix; did you mean 10.0.0.1?",
    ],
    ["vlan: 4095", "container.network.vlan is 4095; it must be at most 4094"],
    ["mtu: 63", "container.network.mtu is 63; it must be at least 64"],
    [
      'mac: "01:00:00:00:00:00"',
      'container.network.mac is "01:00:00:00:00:00"; it must be the address of one interface: its second digit is even',
    ],
    [
      "bridge: a-very-long-bridge-name",
      'container.network.bridge is "a-very-long-bridge-name"; it must be a name of at most 15 letters, digits, . _ and -',
    ],
    ["brigde: vmbr0", "container.network.brigde is not a key; did you mean bridge?"],
    [
      "firewall: 1",
      "container.network.firewall is 1; it must be true or false; did you mean true?",
    ],
  ];
  for (const [given, message] of cases) {
    assert.deepEqual(problems(`network: { ${given} }`), message === "" ? [] : [message], given);
  }
});

Deno.test("parseRecipe() says of provisioning what is wrong with it", () => {
  const cases: [string, string][] = [
    [
      "packages: [curl git]",
      'provisioning.packages[0] is "curl git"; it must be the name of one package, without spaces',
    ],
    [
      "packages: [--force-yes]",
      'provisioning.packages[0] is "--force-yes"; it must be the name of one package, without spaces',
    ],
    [
      "packages: curl",
      "provisioning.packages is a single value; it must be a list, such as packages: [a, b]",
    ],
    [
      "locale: english",
      'provisioning.locale is "english"; it must be a locale such as en_US.UTF-8',
    ],
    [
      "timezone: 'UTC+x y'",
      'provisioning.timezone is "UTC+x y"; it must be a time zone such as Europe/Berlin, or host',
    ],
    [
      "ssh_keys: [~/.ssh/id_ed25519]",
      'provisioning.ssh_keys[0] is "~/.ssh/id_ed25519"; it must be the path of a public key file; did you mean ~/.ssh/id_ed25519.pub?',
    ],
    [
      "ssh_keys: [ssh-ed25519 AAAA]",
      'provisioning.ssh_keys[0] is "ssh-ed25519 AAAA"; it must be a whole public key: what follows ssh-ed25519 is not one',
    ],
    [
      "ssh_keys: [http://github.com/me.keys]",
      'provisioning.ssh_keys[0] is "http://github.com/me.keys"; it must be an address with https://; did you mean https://github.com/me.keys?',
    ],
    [
      "ssh_keys: [https://me:word@github.com/me.keys]",
      'provisioning.ssh_keys[0] is "https://me:••••@github.com/me.keys"; it must be an address without a password',
    ],
    [
      "ssh_keys: [me]",
      'provisioning.ssh_keys[0] is "me"; it must be a public key such as ssh-ed25519 AAAA…, or the path of a .pub file',
    ],
    [
      "users: [{ username: root }]",
      "provisioning.users[0].username is root, who is there already; put the keys in provisioning.ssh_keys",
    ],
    [
      "users: [{ username: 1a }]",
      'provisioning.users[0].username is "1a"; it must be a user or group name: letters, digits, _ . and -, at most 32',
    ],
    [
      "users: [{ username: a }, { username: a }]",
      'provisioning.users[1].username is "a"; it must differ from provisioning.users[0].username',
    ],
    [
      "files: [{ path: /a, content: x, mode: 888 }]",
      'provisioning.files[0].mode is 888; it must be octal digits such as "0644"',
    ],
    [
      "files: [{ path: /a, content: x, owner: 'a b' }]",
      'provisioning.files[0].owner is "a b"; it must be user or user:group, such as www-data:www-data',
    ],
    ["files: [{ path: /a }]", "provisioning.files[0] has neither content nor source"],
    [
      "files: [{ path: /a, content: x, source: y }]",
      "provisioning.files[0] has both content and source; keep one",
    ],
    [
      "files: [{ path: /a, content: x }, { path: //a/, content: y }]",
      'provisioning.files[1].path is "//a/"; it must differ from provisioning.files[0].path',
    ],
    [
      "scripts: [{ content: a, name: x }, { content: b, name: x }]",
      'provisioning.scripts[1].name is "x"; it must differ from provisioning.scripts[0].name',
    ],
    [
      "scripts: [{ content: a, environment: { A-B: 1 } }]",
      "provisioning.scripts[0].environment.A-B must have a name of letters, digits and _ that no shell keeps for itself",
    ],
    [
      "scripts: [{ content: a, environment: { UID: 1 } }]",
      "provisioning.scripts[0].environment.UID must have a name of letters, digits and _ that no shell keeps for itself",
    ],
    [
      "scripts: [{ content: a, environment: { A: }}]",
      'provisioning.scripts[0].environment.A is empty; it must have a value ("" is an empty text)',
    ],
    [
      "scripts: [{ content: a, environment: [A=b] }]",
      "provisioning.scripts[0].environment is a list; it must be a mapping of keys to values",
    ],
    [
      "scripts: [{ content: a, timeout: 0 }]",
      "provisioning.scripts[0].timeout is 0 s; it must be at least 1",
    ],
    [
      "scripts: [{ content: a, timeout: 25h }]",
      "provisioning.scripts[0].timeout is 90000 s; it must be at most 86400",
    ],
    [
      "users: [{ username: a, home: /x:y }]",
      'provisioning.users[0].home is "/x:y"; it must be a path without colons, as /etc/passwd has it',
    ],
    [
      "scripts: [{ content: a, working_dir: app }]",
      'provisioning.scripts[0].working_dir is "app"; it must be an absolute path, such as /srv/data',
    ],
    [
      "scripts: [echo]",
      "provisioning.scripts[0] is a single value; it must be a mapping of keys to values",
    ],
    [
      "tailscale: yes",
      "provisioning.tailscale is a single value; it must be true, false, or a mapping with keys such as hostname",
    ],
    ["tailscale: { provision: maybe }", "provisioning.tailscale.provision must be true or false"],
    [
      "tailscale: { advertise_routes: [10.0.0.1] }",
      "provisioning.tailscale.advertise_routes[0] is 10.0.0.1; it must be a network such as 10.0.0.0/24 or 2001:db8::/48",
    ],
    [
      "tailscale: { acept_routes: true }",
      "provisioning.tailscale.acept_routes is not a key; did you mean accept_routes?",
    ],
    ["dokcer: true", "provisioning.dokcer is not a key; did you mean docker?"],
    ["hostname: x", "provisioning.hostname is not a key; did you mean container.hostname?"],
  ];
  for (const [given, message] of cases) assert.deepEqual(problems("", given), [message], given);
});

Deno.test("parseRecipe() checks values against each other although others are wrong", () => {
  assert.deepEqual(
    problems(
      "vmid: 1, mount_points: [{ host: /a, container: /x }, { host: b, container: /x/ }]," +
        "devices: [{ path: /dev/fuse, gid: 1, group: a }], features: { fuse: true }, " +
        "network: [{ ip: 10.0.0.2/24, name: eth0 }, { ip: 10.0.0.2/24, name: eth0 }]",
    ).sort(),
    [
      "container.devices[0] has both gid and group; keep one",
      "container.devices[0].path is /dev/fuse, which features.fuse brings by itself; leave it out",
      'container.mount_points[1].container is "/x/"; it must differ from container.mount_points[0].container',
      'container.mount_points[1].host is "b"; it must be an absolute path, such as /srv/data',
      "container.network[1].ip is 10.0.0.2/24; it must differ from container.network[0].ip",
      'container.network[1].name is "eth0"; it must differ from container.network[0].name',
      "container.vmid is 1; it must be at least 100",
    ],
  );
});

Deno.test("parseRecipe() knows the names that interfaces have by default", () => {
  assert.deepEqual(problems("network: [{ name: eth1 }, { ip: manual }]"), [
    "container.network[1].name is eth1; it must differ from container.network[0].name",
  ]);
});

Deno.test("parseRecipe() says which kind of mount point lacks what", () => {
  const mount = (given: string): string[] =>
    problems(`mount_points: [{ container: /x, ${given} }]`);
  assert.deepEqual(mount(""), [
    "container.mount_points[0] has neither host (a directory of the node) nor volume (a storage)",
  ]);
  assert.deepEqual(mount("host: /a, volume: bb"), [
    "container.mount_points[0] has both host and volume; it is a directory of the node or a volume",
  ]);
  assert.deepEqual(mount("volume: ab"), [
    "container.mount_points[0] has no size, such as size: 8G",
  ]);
  assert.deepEqual(mount("host: /a, backup: true"), [
    "container.mount_points[0].backup belongs to a volume, and this mount point is a directory of the node (host)",
  ]);
});

Deno.test("parseRecipe() refuses more items than Proxmox takes, and an empty network", () => {
  const many = (count: number, item: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => item(index)).join(", ");
  assert.deepEqual(problems("network: []"), [
    "container.network is an empty list; leave it out for one interface with DHCP",
  ]);
  assert.deepEqual(problems(`network: [${many(33, () => "{ ip: dhcp }")}]`), [
    "container.network has 33 items; Proxmox takes at most 32",
  ]);
  assert.deepEqual(problems(`devices: [${many(257, (i) => `{ path: /dev/x${i} }`)}]`), [
    "container.devices has 257 items; Proxmox takes at most 256",
  ]);
  assert.deepEqual(problems(`devices: [${many(256, (i) => `{ path: /dev/x${i} }`)}]`), []);
});

Deno.test("parseRecipe() tells wrong kinds at every level, and nothing below them", () => {
  const messages = (text: string): string[] => {
    try {
      parseRecipe(text, { file: "f", env: {} });
    } catch (error) {
      assert.ok(error instanceof InvalidRecipe);
      return error.problems.map(({ message }) => message);
    }
    return [];
  };
  assert.deepEqual(messages("container: web"), [
    "container is a single value; it must be a mapping of keys to values",
  ]);
  assert.deepEqual(messages("container: [a]\nprovisioning: []"), [
    "container is a list; it must be a mapping of keys to values",
    "provisioning is a list; it must be a mapping of keys to values",
  ]);
  assert.deepEqual(messages("version: 2"), [
    "container is missing",
    "version is 2; it must be 1.0, the only one so far",
  ]);
  assert.deepEqual(messages("resources: { cores: 2 }\ncontainer: { hostname: a, template: b }"), [
    "resources is not a key; did you mean container.resources?",
  ]);
});
