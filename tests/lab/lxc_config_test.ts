import assert from "node:assert/strict";
import {
  devicesOf,
  interfacesFile,
  lxcConfig,
  mountPointsOf,
  seccompRules,
  startFiles,
} from "./lxc_config.ts";

const config = {
  hostname: "web-1",
  unprivileged: "1",
  features: "nesting=1",
  net0: "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:64,ip=dhcp,type=veth",
  rootfs: "local-lvm:vm-100-disk-0,size=4G",
};

Deno.test("lxcConfig() shifts ids, joins the bridge and nests", () => {
  const lines = lxcConfig(100, config).split("\n");
  for (
    const line of [
      "lxc.uts.name = web-1",
      "lxc.idmap = u 0 100000 65536",
      "lxc.net.0.link = vmbr0",
      "lxc.net.0.veth.pair = veth100i0",
      "lxc.net.0.hwaddr = BC:24:11:00:00:64",
      "lxc.mount.entry = proc dev/.lxc/proc proc create=dir,optional 0 0",
    ]
  ) assert.ok(lines.includes(line), line);
  assert.ok(!lxcConfig(100, { ...config, features: "" }).includes("dev/.lxc"));
});

Deno.test("lxcConfig() takes nothing of this machine's own configuration", () => {
  const text = lxcConfig(100, config);
  assert.doesNotMatch(text, /include|hook|\/usr\/share/);
});

Deno.test("lxcConfig() mounts directories, volumes and devices at their paths inside", () => {
  const wishes = {
    ...config,
    mp0: "/srv/my data,mp=/data,ro=1",
    mp1: "local-lvm:vm-100-disk-1,mp=/var/lib/app,size=8G",
    dev0: "/dev/net/tun,mode=0666,gid=44",
  };
  assert.deepEqual(
    lxcConfig(100, wishes).split("\n").filter((line) => /none bind,(ro,)?create/.test(line)),
    [
      "lxc.mount.entry = /srv/my\\040data data none bind,ro,create=dir 0 0",
      "lxc.mount.entry = /var/lib/lxc/100/mp1 var/lib/app none bind,create=dir 0 0",
      "lxc.mount.entry = /run/devices/100/dev0 dev/net/tun none bind,create=file 0 0",
    ],
  );
  assert.deepEqual(mountPointsOf(100, wishes).map(({ size }) => size), [undefined, "8G"]);
  const [device] = devicesOf(wishes);
  assert.deepEqual([device?.path, device?.mode, device?.owner], [
    "/dev/net/tun",
    "0666",
    "100000:100044",
  ]);
});

Deno.test("seccompRules() refuses keyctl until the feature allows it", () => {
  assert.match(seccompRules(config), /^2\ndenylist\n[^]*^keyctl errno 38$/m);
  const allowed = { ...config, features: "keyctl=1,nesting=1" };
  assert.ok(!seccompRules(allowed).includes("keyctl"));
});

Deno.test("interfacesFile() has DHCP, static and IPv6 addresses", () => {
  assert.equal(
    interfacesFile(config),
    "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n",
  );
  const net0 = "name=eth0,bridge=vmbr0,ip=10.99.0.9/24,gw=10.99.0.1,ip6=auto";
  assert.match(
    interfacesFile({ net0 }),
    /iface eth0 inet static\n\taddress 10.99.0.9\/24\n\tgateway 10.99.0.1\niface eth0 inet6 auto\n$/,
  );
});

Deno.test("startFiles() takes the node's DNS where the configuration names none", () => {
  assert.equal(startFiles(100, config, "10.99.0.1")["/etc/resolv.conf"], "nameserver 10.99.0.1\n");
  const own = { ...config, nameserver: "1.1.1.1 9.9.9.9", searchdomain: "example.org" };
  assert.equal(
    startFiles(100, own, "10.99.0.1")["/etc/resolv.conf"],
    "search example.org\nnameserver 1.1.1.1\nnameserver 9.9.9.9\n",
  );
});
