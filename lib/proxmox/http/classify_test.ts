import assert from "node:assert/strict";
import type { PxrunError } from "../../core/errors.ts";
import { classify } from "./classify.ts";
import {
  AlreadyExists,
  Changed,
  InvalidParameter,
  Locked,
  NotFound,
  PermissionDenied,
  ProxmoxError,
  Unauthorized,
  Unreachable,
} from "./errors.ts";

function refused(status: number, text: string, errors: Record<string, string> = {}): PxrunError {
  return classify({ request: "POST /nodes/vm/lxc", status, text, errors });
}

/** Asserts kind and code of each text, all with one status. */
function allAre(kind: typeof ProxmoxError, code: string, status: number, texts: string[]): void {
  for (const text of texts) {
    const error = refused(status, text);
    assert.equal(error.constructor, kind, `${error.name}: ${text}`);
    assert.equal(error.name, kind.name);
    assert.equal(error.code, code);
  }
}

Deno.test("classify() recognizes what does not exist", () => {
  allAre(NotFound, "NOT_FOUND", 500, [
    "Configuration file 'nodes/vm/lxc/299.conf' does not exist\n",
    "storage 'nosuch' does not exist",
    "unable to create CT 200 - volume 'local:vztmpl/nosuch_1_amd64.tar.zst' does not exist",
    "bridge 'vmbr9' does not exist",
    "snapshot 'nosuch' does not exist",
  ]);
  assert.ok(
    refused(403, "Permission check failed (pool 'nosuch' does not exist)") instanceof NotFound,
  );
  const verification = "Parameter verification failed.\n";
  assert.ok(refused(400, verification, { upid: "no such task" }) instanceof NotFound);
  assert.ok(refused(400, verification, { template: "no such template" }) instanceof NotFound);
});

Deno.test("classify() recognizes what is taken", () => {
  allAre(AlreadyExists, "ALREADY_EXISTS", 500, [
    "CT 200 already exists on node 'vm'",
    "VM 200 already exists on node 'vm'",
    "unable to create CT 240 - CT 240 already exists on node 'vm'",
    "snapshot name 's1' already used",
  ]);
  const error = refused(400, "Parameter verification failed.", { vmid: "VM 200 already exists" });
  assert.ok(error instanceof AlreadyExists);
});

Deno.test("classify() names the lock", () => {
  const locks: [string, string | undefined][] = [
    ["CT is locked (backup)", "backup"],
    ["VM is locked (snapshot-delete)", "snapshot-delete"],
    ["can't lock file '/run/lock/lxc/pve-config-200.lock' - got timeout", undefined],
    ["can't acquire lock '/var/lock/pve-manager/pve-storage-local' - got timeout", undefined],
  ];
  for (const [text, lock] of locks) {
    const error = refused(500, text);
    assert.ok(error instanceof Locked, text);
    assert.equal(error.code, "LOCKED");
    assert.equal(error.lock, lock);
  }
});

Deno.test("classify() knows the short locks of files, storages and the cluster", () => {
  const texts = [
    "cfs-lock 'storage-nas' error: got lock request timeout",
    "error with cfs lock 'storage-nas': got lock request timeout",
    "unable to create CT 105 - cfs-lock 'storage-nas' error: got lock request timeout",
    "can't lock file '/var/lock/pve-manager/pve-storage-nas' - got timeout",
    "can't acquire lock '/run/lock/lvm' - got timeout",
    "unable to acquire lock on storage 'nas'",
    "storage 'nas' is locked",
  ];
  for (const text of texts) {
    for (const request of ["POST /nodes/a/lxc", "task vzcreate 105 on a"]) {
      const error = classify({ request, status: 500, text });
      assert.ok(error instanceof Locked, text);
      assert.equal(error.lock, undefined);
      if (/storage/.test(text)) assert.match(error.hint ?? "", /--parallel 2/);
    }
  }
  const below = "error with cfs lock 'storage-nas': no quorum!";
  assert.ok(!(classify({ request: "x", status: 500, text: below }) instanceof Locked));
});

Deno.test("classify() names the missing right and how to give it", () => {
  const error = refused(
    403,
    "Permission check failed (/vms/200, VM.Config.Disk|VM.Config.CPU)\n",
  );
  assert.ok(error instanceof PermissionDenied);
  assert.equal(error.code, "PERMISSION_DENIED");
  assert.deepEqual(error.missing, {
    path: "/vms/200",
    privileges: ["VM.Config.Disk", "VM.Config.CPU"],
    rootOnly: false,
  });
  assert.match(
    error.hint ?? "",
    /VM\.Config\.Disk or VM\.Config\.CPU: pveum acl modify \/vms\/200 /,
  );

  const tag = refused(403, "Permission check failed (/, Sys.Modify for modifying tag 'x')");
  assert.ok(tag instanceof PermissionDenied);
  assert.deepEqual(tag.missing, { path: "/", privileges: ["Sys.Modify"], rootOnly: false });

  const zone = refused(403, "Permission check failed (/sdn/zones/localnetwork/vmbr0/12, SDN.Use)");
  assert.ok(zone instanceof PermissionDenied);
  assert.equal(zone.missing.path, "/sdn/zones/localnetwork/vmbr0/12");

  const bare = refused(403, "Permission check failed");
  assert.ok(bare instanceof PermissionDenied);
  assert.deepEqual(bare.missing, { path: undefined, privileges: [], rootOnly: false });
  assert.match(bare.hint ?? "", /pveum user token permissions/);
});

Deno.test("classify() says what no token may do", () => {
  const texts = [
    "Permission check failed (mount point type bind is only allowed for root@pam)",
    "Permission check failed (changing feature flags (except nesting) is only allowed for root@pam)",
    "only root@pam can configure devices",
    "Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.",
  ];
  for (const text of texts) {
    const error = refused(text.startsWith("Permission") ? 403 : 500, text);
    assert.ok(error instanceof PermissionDenied, text);
    assert.equal(error.missing.rootOnly, true);
    assert.match(error.hint ?? "", /needs SSH/);
  }
});

Deno.test("classify() takes every 401 for missing or wrong credentials", () => {
  const texts = ["No ticket", "Authentication failed!", "Permission denied - invalid csrf token"];
  allAre(Unauthorized, "UNAUTHORIZED", 401, texts);
});

Deno.test("classify() lists every parameter that does not fit", () => {
  const error = refused(400, "Parameter verification failed.\n", {
    net0: "invalid format - format error\nnet0.name: property is missing\n\n",
    memory: "value must have a minimum value of 16",
  });
  assert.ok(error instanceof InvalidParameter);
  assert.equal(error.code, "INVALID_PARAMETER");
  assert.equal(
    error.fields["net0"],
    "invalid format - format error; net0.name: property is missing",
  );
  assert.equal(
    error.message,
    "Parameter verification failed. net0: invalid format - format error; net0.name: property is " +
      "missing; memory: value must have a minimum value of 16 (POST /nodes/vm/lxc)",
  );
});

Deno.test("classify() does not let one taken name hide the other complaints", () => {
  const error = refused(400, "Parameter verification failed.", {
    vmid: "VM 200 already exists",
    cores: "value must have a minimum value of 1",
  });
  assert.ok(error instanceof InvalidParameter);
});

Deno.test("classify() names the node that another one could not reach", () => {
  for (const status of [502, 503, 504, 520, 522, 524, 530, 590, 595, 596, 597, 598, 599]) {
    const error = classify({
      request: "GET /nodes/pve02/lxc",
      status,
      text: "No route to host",
    });
    assert.ok(error instanceof Unreachable);
    assert.equal(error.transient, true);
    assert.equal(error.sent, status !== 595);
    assert.equal(
      error.message,
      `node pve02 does not answer: ${status} No route to host (GET /nodes/pve02/lxc)`,
    );
  }
});

Deno.test("classify() takes a node that is not found or silent for unreachable, not for missing", () => {
  const texts: [number, string, boolean][] = [
    [
      500,
      "hostname lookup 'pve02' failed - failed to get address info for: pve02: Name or service not known",
      false,
    ],
    [500, "no such cluster node 'pve02'", false],
    [501, "proxied request timed out", true],
    [500, "proxy loop detected", true],
  ];
  for (const [status, text, sent] of texts) {
    const error = classify({ request: "GET /nodes/pve02/lxc/205/config", status, text });
    assert.ok(error instanceof Unreachable, text);
    assert.deepEqual([error.code, error.transient, error.sent], ["UNREACHABLE", true, sent]);
    // What a task could not reach is a failure of the task.
    const task = classify({ request: "task vzcreate 105 on pve01", status: 500, text });
    assert.deepEqual([task.constructor, task.code], [ProxmoxError, "FAILED"], text);
  }
});

Deno.test("classify() tells a configuration that somebody else has changed", () => {
  const text = "detected modified configuration - file changed by other user? Try again.";
  const error = refused(500, text);
  assert.ok(error instanceof Changed);
  assert.match(error.hint ?? "", /run the command again/);
});

Deno.test("classify() leaves everything else general, with a hint where there is one", () => {
  allAre(ProxmoxError, "FAILED", 500, [
    "CT 200 not running",
    "unable to create CT 208 - unable to create image: qemu-img: too large",
    "download failed: wget: unable to resolve host address 'download.proxmox.com'",
    "",
  ]);
  const hinted: [string, RegExp][] = [
    ["cluster not ready - no quorum?", /pvecm status/],
    ["error with cfs lock 'storage-nas': no quorum!", /pvecm status/],
    ["can't remove CT 200 - protection mode enabled", /--protection 0/],
    ["unable to destroy CT 200 - container is running", /stop it first/],
    ["download failed: /var/lib/vz/x.tmp_dwnl.1: No space left on device", /make room/],
    ["zfs error: cannot create 'rpool/vm-1-disk-0': out of space", /make room/],
    ["storage 'btrfs' does not support templates", /another storage/],
  ];
  for (const [text, hint] of hinted) assert.match(refused(500, text).hint ?? "", hint);
  const purged = [
    "unable to remove CT 1 - used in HA resources and purge parameter not set.",
    "There is a replication job '1-0' for guest '1' - Please remove that first.",
  ];
  for (const text of purged) assert.deepEqual(refused(500, text).remedies, [{ kind: "purge" }]);
});

Deno.test("classify() keeps Proxmox's words, without the place in its source", () => {
  const error = refused(500, "no such thing at /usr/share/perl5/PVE/X.pm line 12.\n");
  assert.ok(error instanceof ProxmoxError);
  assert.equal(error.text, "no such thing");
  assert.equal(error.status, 500);
  assert.equal(error.message, "no such thing (POST /nodes/vm/lxc)");
  assert.equal(refused(500, "").message, "status 500 (POST /nodes/vm/lxc)");
});
