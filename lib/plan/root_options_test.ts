import assert from "node:assert/strict";
import { recipe } from "../../tests/support/facts.ts";
import { valueOf } from "../actions/set_root_options.ts";
import { rootOptions, tokenFeatures } from "./root_options.ts";

function values(container: string): string[] {
  const gids = new Map([["render", 104]]);
  return rootOptions(recipe(container)).map((option) => `${option.name}=${valueOf(option, gids)}`);
}

Deno.test("rootOptions() takes nothing that a token may set", () => {
  assert.deepEqual(values("features: { nesting: true }"), []);
  assert.deepEqual(values("mount_points: [{ volume: local-lvm, size: 8G, container: /d }]"), []);
  assert.equal(tokenFeatures(recipe("")), "nesting=1");
});

Deno.test("rootOptions() sets all features at once when one of them needs root", () => {
  assert.deepEqual(values("features: { keyctl: true, mount: [nfs, cifs] }"), [
    "features=nesting=1,keyctl=1,mount=nfs;cifs",
  ]);
  assert.deepEqual(values("features: { nesting: false, fuse: true }"), ["features=fuse=1"]);
});

Deno.test("rootOptions() takes even nesting for a privileged container", () => {
  const privileged = "unprivileged: false, features: { nesting: true }";
  assert.deepEqual(values(privileged), ["features=nesting=1"]);
  assert.equal(tokenFeatures(recipe(privileged)), undefined);
});

Deno.test("rootOptions() numbers binds among all mount points, and looks up groups", () => {
  assert.deepEqual(
    values(`hookscript: "local:snippets/h.pl",
      mount_points: [
        { volume: local-lvm, size: 8G, container: /v },
        { host: "/srv/it's", container: /data, read_only: true },
      ],
      devices: [
        { path: /dev/dri/renderD128, mode: "0660", group: render },
        { path: /dev/net/tun },
        { path: /dev/fuse, gid: 7, deny_write: true },
      ]`),
    [
      "mp1=/srv/it's,mp=/data,ro=1",
      "dev0=/dev/dri/renderD128,mode=0660,gid=104",
      "dev1=/dev/net/tun",
      "dev2=/dev/fuse,gid=7,deny-write=1",
      "hookscript=local:snippets/h.pl",
    ],
  );
});
