import assert from "node:assert/strict";
import { recipe } from "../../tests/support/facts.ts";
import { checkHost } from "./host_checks.ts";
import type { HostPath } from "./host_checks.ts";
import { directoriesToMake } from "../actions/make_directory.ts";

const bind = "mount_points: [{ host: /srv/a/b, container: /data }]";

function check(container: string, path: string, there: HostPath, makeDirectories = false) {
  return checkHost(recipe(container), "pve01", new Map([[path, there]]), makeDirectories);
}

Deno.test("checkHost() refuses a missing directory with an offer, or has it made", () => {
  const missing = { kind: "missing", below: "/srv" } as const;
  const [problem] = check(bind, "/srv/a/b", missing).problems;
  assert.deepEqual([problem?.code, problem?.message, problem?.offer, problem?.path], [
    "NOT_FOUND",
    "there is no /srv/a/b on pve01",
    "makeDirectories",
    "container.mount_points[0].host",
  ]);
  const made = check(bind, "/srv/a/b", missing, true);
  assert.deepEqual(made, {
    problems: [],
    warnings: [],
    missing: [{ path: "/srv/a/b", below: "/srv" }],
  });
});

Deno.test("checkHost() says whose files an unprivileged container sees", () => {
  const there = { kind: "directory", uid: 1000, gid: 1000 } as const;
  const { problems, warnings } = check(bind, "/srv/a/b", there);
  assert.deepEqual(problems, []);
  assert.match(warnings.join(), /belongs to uid 1000 on pve01, which is nobody .*chown 100000:/);
  for (const quiet of [`unprivileged: false, ${bind}`, bind.replace(" }", ", read_only: true }")]) {
    assert.deepEqual(check(quiet, "/srv/a/b", there).warnings, []);
  }
  assert.deepEqual(check(bind, "/srv/a/b", { ...there, uid: 100_000 }).warnings, []);
});

Deno.test("checkHost() wants a device where a device is named, and none for a directory", () => {
  const device = "devices: [{ path: /dev/dri/renderD128 }]";
  const path = "/dev/dri/renderD128";
  const message = (there: HostPath) => check(device, path, there).problems[0]?.message;
  const found = (kind: "character" | "block" | "file") => ({ kind, uid: 0, gid: 0 });
  assert.equal(message(found("character")), undefined);
  assert.equal(message({ kind: "hidden" }), undefined);
  assert.equal(message(found("file")), "/dev/dri/renderD128 on pve01 is no device");
  assert.equal(
    message({ kind: "missing", below: "/dev" }),
    "there is no device /dev/dri/renderD128 on pve01",
  );
  assert.match(
    check(bind, "/srv/a/b", found("block")).problems[0]?.hint ?? "",
    /container\.devices/,
  );
});

Deno.test("directoriesToMake() lists what is missing from the top", () => {
  assert.deepEqual(directoriesToMake({ path: "/srv/a/b", below: "/srv" }), ["/srv/a", "/srv/a/b"]);
  assert.deepEqual(directoriesToMake({ path: "/a/b/", below: "/" }), ["/a", "/a/b"]);
});
