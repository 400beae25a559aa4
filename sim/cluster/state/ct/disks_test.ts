import assert from "node:assert/strict";
import { testCluster } from "../../../tests/cluster.ts";
import type { Cluster, Storage } from "../cluster.ts";
import { allocate } from "./disks.ts";

const GIB = 1024 ** 3;
const AT = { node: "pve02", vmid: 100 };

function withStorage(change: Partial<Storage>): Cluster {
  const cluster = testCluster();
  const base = cluster.storages.get("local-lvm");
  if (base) cluster.storages.set("store", { ...base, id: "store", ...change });
  return cluster;
}

Deno.test("allocate() names disks as each kind of storage does", () => {
  const cluster = withStorage({ type: "dir", path: "/mnt/store" });
  const volid = (storage: string, bytes: number) =>
    allocate(cluster, { ...AT, storage, bytes }).volid;
  assert.equal(volid("local-lvm", GIB), "local-lvm:vm-100-disk-0");
  assert.equal(volid("tank", GIB), "tank:subvol-100-disk-0");
  assert.equal(volid("store", GIB), "store:100/vm-100-disk-0.raw");
  assert.equal(volid("store", 0), "store:100/subvol-100-disk-1.subvol");
});

Deno.test("allocate() takes the first free number, also past ten", () => {
  const cluster = testCluster();
  const disk = { ...AT, storage: "local-lvm", bytes: GIB };
  for (let i = 0; i < 12; i++) allocate(cluster, disk);
  cluster.volumes = cluster.volumes.filter(({ volid }) => volid !== "local-lvm:vm-100-disk-1");
  assert.equal(allocate(cluster, disk).volid, "local-lvm:vm-100-disk-1");
  assert.equal(allocate(cluster, disk).volid, "local-lvm:vm-100-disk-12");
});

Deno.test("allocate() says in each storage's words that there is no room", () => {
  const refused = (change: Partial<Storage>, words: RegExp) =>
    assert.throws(
      () =>
        allocate(withStorage({ total: GIB, used: 0, ...change }), {
          ...AT,
          storage: "store",
          bytes: 2 * GIB,
        }),
      words,
    );
  refused({ used: GIB }, /free space in thin pool/);
  refused({ type: "lvm" }, /Volume group "pve" has insufficient free space/);
  const full = { type: "zfspool", used: GIB };
  refused(full, /cannot create 'store\/subvol-100-disk-0': out of space/);
});

Deno.test("allocate() gives more than there is where room is taken when it is used", () => {
  for (const type of ["lvmthin", "zfspool"]) {
    const cluster = withStorage({ type, total: GIB, used: 0 });
    const { size, used } = allocate(cluster, { ...AT, storage: "store", bytes: 2 * GIB });
    assert.deepEqual([size, used], [2 * GIB, 0]);
  }
});

Deno.test("allocate() keeps the lines of what failed", () => {
  const lines: string[] = [];
  const cluster = withStorage({ type: "dir", path: "/mnt/store" });
  const disk = { ...AT, storage: "store", bytes: 1_000_000 * GIB };
  assert.throws(
    () => allocate(cluster, disk, (line) => lines.push(line)),
    /image size is too large/,
  );
  assert.deepEqual(lines, [
    "Formatting '/mnt/store/images/100/vm-100-disk-0.raw', fmt=raw size=1073741824000000 " +
    "preallocation=off",
  ]);
});
