import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import { formatProperties, formatTags, parseList, parseProperties } from "./properties.ts";

Deno.test("formatProperties() writes properties in the given order, booleans as 1 and 0", () => {
  assert.equal(
    formatProperties({
      name: "eth0",
      bridge: "vmbr0",
      ip: "10.0.0.5/24",
      tag: 12,
      firewall: true,
      link_down: false,
      gw: undefined,
    }),
    "name=eth0,bridge=vmbr0,ip=10.0.0.5/24,tag=12,firewall=1,link_down=0",
  );
  assert.equal(formatProperties({}), "");
});

Deno.test("formatProperties() leaves out the default key's name where that is unmistakable", () => {
  assert.equal(
    formatProperties({ volume: "local-lvm:8", mp: "/data" }, "volume"),
    "local-lvm:8,mp=/data",
  );
  assert.equal(
    formatProperties({ volume: "/srv/a=b", mp: "/data" }, "volume"),
    "volume=/srv/a=b,mp=/data",
  );
});

Deno.test("formatProperties() refuses a value that would become another property", () => {
  for (const mp of ["/a,ro=0", "/a\n", "/a\r", ""]) {
    assert.throws(
      () => formatProperties({ volume: "x:1", mp }, "volume"),
      (error) => error instanceof PxrunError && error.code === "INVALID_PARAMETER",
    );
  }
});

Deno.test("parseProperties() takes apart what Proxmox keeps", () => {
  assert.deepEqual(
    parseProperties(
      "name=eth0,bridge=vmbr0,gw=10.99.0.1,hwaddr=BC:24:11:EE:9C:87,ip=10.99.0.60/24",
    ),
    {
      name: "eth0",
      bridge: "vmbr0",
      gw: "10.99.0.1",
      hwaddr: "BC:24:11:EE:9C:87",
      ip: "10.99.0.60/24",
    },
  );
  assert.deepEqual(parseProperties("local:200/vm-200-disk-0.raw,size=2G", "volume"), {
    volume: "local:200/vm-200-disk-0.raw",
    size: "2G",
  });
  assert.deepEqual(parseProperties("nesting=1,mount=nfs;cifs"), {
    nesting: "1",
    mount: "nfs;cifs",
  });
  assert.deepEqual(parseProperties(""), {});
});

Deno.test("parseProperties() gives back what formatProperties() wrote", () => {
  const properties = { volume: "/srv/a=b c", mp: "/däta", mountoptions: "noatime;discard" };
  assert.deepEqual(parseProperties(formatProperties(properties, "volume"), "volume"), properties);
});

Deno.test("parseList() takes every separator that Proxmox uses, formatTags() writes one", () => {
  assert.deepEqual(parseList("a;b,c d;;e\n"), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(parseList(""), []);
  assert.equal(formatTags(["a", "b"]), "a;b");
});
