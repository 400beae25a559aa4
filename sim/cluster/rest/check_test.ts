import assert from "node:assert/strict";
import { checkParams } from "./check.ts";
import { CT_CREATE } from "./ct_schema.ts";

const REQUIRED = { vmid: "105", ostemplate: "local:vztmpl/debian-13.tar.zst" };

function errors(params: Record<string, string>): Record<string, string> {
  return checkParams(CT_CREATE, { ...REQUIRED, ...params });
}

Deno.test("checkParams() takes everything that a container can have", () => {
  assert.deepEqual(
    errors({
      hostname: "web.example.org",
      rootfs: "local-lvm:8",
      mp0: "volume=local-lvm:8,mp=/var/lib/app,backup=1,mountoptions=noatime;nodev",
      mp255: "/srv/data,mp=/data,ro=1",
      net0:
        "name=eth0,bridge=vmbr0,ip=10.0.0.5/24,gw=10.0.0.1,ip6=auto,hwaddr=BC:24:11:00:00:01,tag=5",
      dev0: "/dev/net/tun,mode=0666,uid=0,gid=44",
      features: "nesting=1,keyctl=on,mount=nfs;cifs",
      startup: "order=1,up=10",
      nameserver: "9.9.9.9 2620:fe::fe",
      searchdomain: "example.org",
      timezone: "Europe/Berlin",
      tags: "dev;web",
      cpulimit: "0.5",
    }),
    {},
  );
});

Deno.test("checkParams() says what is missing, and what nobody knows", () => {
  assert.deepEqual(checkParams(CT_CREATE, { bogus: "1" }), {
    vmid: "property is missing and it is not optional",
    ostemplate: "property is missing and it is not optional",
    bogus: "property is not defined in schema and the schema does not allow additional properties",
  });
});

Deno.test("checkParams() checks the type before the format before the limits", () => {
  const text = (params: Record<string, string>) => Object.values(errors(params))[0];
  assert.equal(text({ vmid: "abc" }), "type check ('integer') failed - got 'abc'");
  assert.equal(text({ vmid: "99" }), "invalid format - value does not look like a valid VM ID\n");
  assert.equal(text({ memory: "8" }), "value must have a minimum value of 16");
  assert.equal(text({ cores: "9000" }), "value must have a maximum value of 8192");
  assert.equal(text({ onboot: "true" }), "type check ('boolean') failed - got 'true'");
  assert.equal(text({ cpulimit: "half" }), "type check ('number') failed - got 'half'");
  assert.equal(text({ password: "abc" }), "value must be at least 5 characters long");
  assert.equal(
    text({ description: "x".repeat(8193) }),
    "value may only be 8192 characters long",
  );
  assert.equal(
    text({ cmode: "x" }),
    "value 'x' does not have a value in the enumeration 'shell, console, tty'",
  );
});

Deno.test("checkParams() looks into property strings", () => {
  const text = (params: Record<string, string>) => Object.values(errors(params))[0];
  const unknown =
    "property is not defined in schema and the schema does not allow additional properties";
  assert.equal(
    text({ features: "bogus=1" }),
    `invalid format - format error\nfeatures.bogus: ${unknown}\n`,
  );
  assert.equal(
    text({ net0: "name=eth0,ip=10.0.0.5" }),
    "invalid format - format error\nnet0.ip: invalid format - " +
      "value does not look like a valid ipv4 network configuration\n\n",
  );
  assert.equal(
    text({ dev0: "dri/card0" }),
    "invalid format - format error\ndev0.path: invalid format - " +
      "dri/card0 is not a valid device path\n\n",
  );
  assert.equal(
    text({ mp0: "local:1,mp=/a/../b" }),
    "invalid format - format error\nmp0.mp: invalid format - " +
      "/a/../b contains illegal character sequences\n\n",
  );
  assert.equal(
    text({ net0: "name=eth0,name=eth1" }),
    "invalid format - duplicate key in comma-separated list property: name\n",
  );
  assert.equal(
    text({ net0: "eth0" }),
    "invalid format - value without key, but schema does not define a default key\n",
  );
  assert.equal(
    text({ net0: "name=" }),
    "invalid format - missing key in comma-separated list property\n",
  );
  assert.equal(
    text({ mp0: "local:1,mp=/a,mountoptions=exec" }),
    [
      "invalid format - format error",
      "mp0.mountoptions: value does not match the regex pattern",
      "",
    ].join("\n"),
  );
});

Deno.test("checkParams() checks each item of a list", () => {
  assert.deepEqual(errors({ tags: "good;b!d" }), {
    tags: "invalid format - invalid characters in tag\n",
  });
  assert.deepEqual(errors({ nameserver: "9.9.9.9,nope" }), {
    nameserver: "invalid format - value does not look like a valid IP address\n",
  });
});

Deno.test("checkParams() knows addresses from what only looks like them", () => {
  const net = (text: string) => Object.keys(errors({ net0: `name=e,${text}` })).length;
  for (
    const good of ["ip=manual", "ip=10.0.0.255/8", "ip6=fd00::5/64", "gw6=fe80::1", "mtu=1500"]
  ) {
    assert.equal(net(good), 0, good);
  }
  for (
    const bad of [
      "ip=256.0.0.1/24",
      "ip=10.0.0.1/33",
      "ip=10.0.0/24",
      "ip6=10.0.0.1/24",
      "ip6=fd00::5/129",
      "gw=10.0.0",
      "gw6=10.0.0.1",
      "hwaddr=01:00:00:00:00:00",
      "mtu=12",
    ]
  ) assert.equal(net(bad), 1, bad);
});
