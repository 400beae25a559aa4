import assert from "node:assert/strict";
import { node, recipe, snapshot } from "../../tests/support/facts.ts";
import { place } from "./placement.ts";
import { missingRights } from "./rights.ts";
import { holds } from "../cluster/rights.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Permissions } from "../cluster/rights.ts";

function missing(container: string, changes: Partial<Snapshot>, provisioning = ""): string {
  const facts = snapshot({ pools: ["dev"], ...changes });
  const wish = recipe(container, provisioning);
  const { placement } = place(wish, facts);
  assert.ok(placement);
  return missingRights(wish, placement, facts)
    .map(({ message, hint }) => `${message}\n${hint}`).join("\n");
}

const vm = {
  "VM.Allocate": true,
  "VM.Audit": true,
  "VM.PowerMgmt": true,
  "VM.Config.Disk": true,
  "VM.Config.CPU": true,
  "VM.Config.Memory": true,
  "VM.Config.Network": true,
  "VM.Config.Options": true,
};

Deno.test("holds() goes by the nearest path that is listed, and by its reach", () => {
  const permissions: Permissions = {
    "/": { "VM.Audit": true, "Sys.Audit": false },
    "/vms/105": {},
    "/storage": { "Datastore.Audit": true },
  };
  assert.ok(holds(permissions, "/vms/104", "VM.Audit"));
  assert.ok(!holds(permissions, "/vms/105", "VM.Audit"));
  assert.ok(holds(permissions, "/", "Sys.Audit"));
  assert.ok(!holds(permissions, "/nodes/pve01", "Sys.Audit"));
  assert.ok(holds(permissions, "/storage/local", "Datastore.Audit"));
  assert.ok(!holds({}, "/storage/local", "Datastore.Audit"));
});

Deno.test("missingRights() is empty for a token that may do everything", () => {
  assert.equal(missing("", {}), "");
});

Deno.test("missingRights() names each right once with the pveum line that grants it", () => {
  const text = missing("", { permissions: { "/vms": vm } });
  assert.match(text, /lacks Datastore\.AllocateSpace on \/storage\/local-lvm/);
  assert.match(text, /lacks SDN\.Use on \/sdn\/zones\/localnetwork\/vmbr0/);
  assert.match(
    text,
    /pveum acl modify \/storage\/local-lvm --tokens 'pxrun@pve!test' --roles PVEDatastoreUser/,
  );
  assert.doesNotMatch(text, /VM\./);
});

Deno.test("missingRights() asks for rights on all guests, not on a vmid that is free today", () => {
  assert.match(missing("", { permissions: {} }), /lacks VM\.Allocate, .* on \/vms\n/);
});

Deno.test("missingRights() asks for VM.Config.Options only when an option is set", () => {
  const { "VM.Config.Options": _, ...others } = vm;
  const permissions = {
    "/vms": others,
    "/storage": { "Datastore.AllocateSpace": true },
    "/sdn": { "SDN.Use": true },
  };
  assert.equal(missing("", { permissions }), "");
  assert.match(missing("tags: [a]", { permissions }), /lacks VM\.Config\.Options on \/vms/);
  assert.match(missing("description: a", { permissions }), /lacks VM\.Config\.Options on \/vms/);
  assert.match(missing("", { permissions }, "{ timezone: host }"), /lacks VM\.Config\.Options/);
  assert.equal(missing("", { permissions }, "{ timezone: Europe/Berlin }"), "");
});

const elsewhere = {
  "/sdn/zones": { "SDN.Use": true },
  "/storage": { "Datastore.AllocateSpace": true },
};

Deno.test("missingRights() accepts rights on the pool, and names the pool that would do", () => {
  const permissions = { "/pool/dev": vm, ...elsewhere };
  assert.equal(missing("pool: dev", { permissions }), "");
  const text = missing("", { permissions });
  assert.match(
    text,
    /lacks VM\.Allocate, .* on \/vms\n.*in the pool dev, where it may: --pool dev/,
  );
  assert.match(missing("pool: dev", { permissions: elsewhere }), /on \/pool\/dev/);
  assert.doesNotMatch(missing("", { permissions: elsewhere }), /--pool/);
});

Deno.test("missingRights() does not take rights on a pool for rights on its storages", () => {
  const pool = { ...vm, "Datastore.AllocateSpace": true };
  const permissions = { ...elsewhere, "/storage": {}, "/pool/dev": pool };
  const text = missing("pool: dev", { permissions });
  assert.match(text, /lacks Datastore\.AllocateSpace on \/storage\/local-lvm/);
  const listed = { ...permissions, "/storage/local-lvm": pool, "/storage/local": pool };
  assert.equal(missing("pool: dev", { permissions: listed }), "");
});

Deno.test("missingRights() wants the template's storage to be readable, by either right", () => {
  const base = {
    "/vms": vm,
    "/sdn": { "SDN.Use": true },
    "/storage/local-lvm": { "Datastore.AllocateSpace": true },
  };
  assert.match(
    missing("", { permissions: base }),
    /^the token .* lacks Datastore\.Audit on \/storage\/local\n/,
  );
  for (const privilege of ["Datastore.Audit", "Datastore.AllocateSpace"]) {
    const permissions = { ...base, "/storage/local": { [privilege]: true } };
    assert.equal(missing("", { permissions }), "");
  }
});

Deno.test("missingRights() speaks of a user, and grants to one, after a login by password", () => {
  const text = missing("", { permissions: {}, tokenId: "dev@pve" });
  assert.match(text, /^the user dev@pve lacks /);
  assert.match(text, /pveum acl modify \/vms --users dev@pve --roles PVEVMAdmin$/m);
  assert.doesNotMatch(text, /--tokens/);
});

Deno.test("missingRights() knows what privileged, VLANs, volumes and downloads need", () => {
  const text = missing(
    "unprivileged: false, features: { nesting: false }, network: { vlan: 7 }, " +
      "mount_points: [{ volume: tank, size: 1G, container: /d }]",
    {
      permissions: {},
      nodes: [node("pve01", {
        templates: [],
        storages: [
          ...node("pve01").storages,
          { storage: "tank", active: true, content: ["rootdir"], avail: 2 ** 33 },
        ],
      })],
    },
  );
  assert.match(
    text,
    /lacks Sys\.Modify on \/\n.*pveum role add PxrunPrivileged --privs Sys\.Modify && /,
  );
  assert.match(text, /on \/sdn\/zones\/localnetwork\/vmbr0\/7/);
  assert.match(text, /Datastore\.AllocateSpace on \/storage\/tank/);
  assert.match(text, /Datastore\.AllocateTemplate on \/storage\/local\n.*PVEDatastoreAdmin/);
});

Deno.test("missingRights() leaves a vnet's zone to Proxmox, which knows it", () => {
  const nodes = [node("pve01", { bridges: ["lab"], vnets: ["lab"] })];
  const permissions = { "/vms": vm, "/storage": { "Datastore.AllocateSpace": true } };
  assert.equal(missing("", { nodes, permissions }), "");
});

Deno.test("missingRights() knows that rights on a pool do not reach tags", () => {
  const permissions = { "/pool/dev": vm, ...elsewhere };
  assert.equal(missing("pool: dev, description: x", { permissions }), "");
  assert.match(
    missing("pool: dev, tags: [x]", { permissions }),
    /^the token \S+ lacks VM\.Config\.Options on \/vms\n.*; or leave the tags out$/,
  );
});

Deno.test("missingRights() names tags that the datacenter's policy refuses", () => {
  const permissions = { "/": { "Sys.Audit": true }, "/vms": vm, ...elsewhere };
  const policy = (tagPolicy: Snapshot["tagPolicy"], more: Permissions = {}): string =>
    missing("tags: [a, b]", { permissions: { ...permissions, ...more }, tagPolicy });
  assert.equal(policy({ freeform: true, registered: ["c"], allowed: [] }), "");
  assert.match(
    policy({ freeform: true, registered: ["b"], allowed: [] }),
    /^the datacenter's tag policy does not let pxrun@pve!test set b\nleave the tags out; /,
  );
  const strict = { freeform: false, registered: [], allowed: ["a", "d"] };
  assert.match(policy(strict), / set b\nit lets you set a, d$/);
  assert.equal(policy(strict, { "/": { "Sys.Audit": true, "Sys.Modify": true } }), "");
  // A login that may not see the policy has to try.
  assert.equal(policy(strict, { "/": {} }), "");
});
