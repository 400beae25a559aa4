import assert from "node:assert/strict";
import { type Scripted, scriptedRest } from "../../../tests/support/scripted_rest.ts";
import { configIfThere, guestNow } from "./guest_config.ts";

const NO_FILE = {
  status: 500,
  reason: "Configuration file 'nodes/pve02/lxc/205.conf' does not exist",
};
const REFUSED = { status: 403, reason: "Permission check failed (/vms/205, VM.Audit)" };
const place = { vmid: 205, node: "pve02" };
const row = { type: "lxc", vmid: 205, node: "pve02", status: "unknown" };

/** A cluster that answers each of the three questions in one way. */
function asked({ config, rows = [], nextid = { data: "205" } }: {
  readonly config: Scripted;
  readonly rows?: readonly object[];
  readonly nextid?: Scripted;
}) {
  const { rest, clock, sent } = scriptedRest(({ path }) =>
    path.includes("/config") ? config : path.includes("/nextid") ? nextid : { data: rows }
  );
  const platform = { clock } as never;
  return { cluster: { rest, platform }, rest, sent };
}

Deno.test("guestNow() gives the configuration, or where the container is, or that it is none", async () => {
  const here = await guestNow(asked({ config: { data: { digest: "d" } } }).cluster, place);
  assert.equal(here.state === "here" && here.config.digest, "d");
  const gone = asked({ config: NO_FILE });
  assert.deepEqual(await guestNow(gone.cluster, place), { state: "gone" });
  const moved = asked({ config: NO_FILE, rows: [{ ...row, node: "pve01" }] });
  assert.deepEqual(await guestNow(moved.cluster, place), { state: "elsewhere", node: "pve01" });
  const vm = asked({ config: NO_FILE, rows: [{ ...row, type: "qemu" }] });
  assert.deepEqual(await guestNow(vm.cluster, place), { state: "gone" });
});

Deno.test("guestNow() believes a refusal only where the vmid is free", async () => {
  assert.deepEqual(await guestNow(asked({ config: REFUSED }).cluster, place), { state: "gone" });
  const taken = {
    status: 400,
    reason: "Parameter verification failed.",
    body: encode({
      errors: { vmid: "VM 205 already exists" },
    }),
  };
  for (const config of [REFUSED, NO_FILE]) {
    const hidden = asked({ config, nextid: taken });
    await assert.rejects(guestNow(hidden.cluster, place), { code: "PERMISSION_DENIED" });
  }
  const listed = asked({ config: REFUSED, rows: [row] });
  await assert.rejects(guestNow(listed.cluster, place), { code: "PERMISSION_DENIED" });
});

Deno.test("guestNow() does not take a node that cannot be asked for a container that was destroyed", async () => {
  const texts = [
    [
      500,
      "hostname lookup 'pve02' failed - failed to get address info for: pve02: Name or service not known",
    ],
    [500, "no such cluster node 'pve02'"],
    [595, "No route to host"],
    [596, "Connection timed out"],
  ] as const;
  for (const [status, reason] of texts) {
    const { cluster } = asked({ config: { status, reason } });
    await assert.rejects(guestNow(cluster, place), { code: "UNREACHABLE" }, reason);
  }
  // Something else that does not exist is not the container either.
  const odd = asked({ config: { status: 500, reason: "storage 'nas' does not exist" } });
  await assert.rejects(guestNow(odd.cluster, place), { code: "NOT_FOUND" });
});

Deno.test("guestNow() waits while the node and the cluster's list disagree, and gives up", async () => {
  const { cluster, rest } = asked({ config: NO_FILE, rows: [row] });
  await assert.rejects(guestNow(cluster, place), { code: "FAILED" });
  await assert.rejects(configIfThere(rest, "pve02", 205), { code: "FAILED" });
  let lists = 0;
  const late = scriptedRest(({ path }) =>
    path.includes("/config")
      ? NO_FILE
      : path.includes("/nextid")
      ? { data: "205" }
      : { data: lists++ === 0 ? [row] : [] }
  );
  const settled = { rest: late.rest, platform: { clock: late.clock } as never };
  assert.deepEqual(await guestNow(settled, place), { state: "gone" });
});

function encode(body: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ data: null, ...body }));
}
