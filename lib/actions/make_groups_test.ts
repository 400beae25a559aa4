import assert from "node:assert/strict";
import { testPlatform } from "../../tests/support/platform.ts";
import type { SshTransport } from "../ssh/client/transport.ts";
import { addGroups, freeGids, readGroups } from "./make_groups.ts";

Deno.test("readGroups() reads what /etc/group says, and passes over what it cannot read", () => {
  const groups = readGroups("root:x:0:\nvideo:x:44:dev\nbroken\n+nis\n");
  assert.deepEqual([...groups], [["root", 0], ["video", 44]]);
});

Deno.test("freeGids() gives each missing group a gid of its own that nobody has", () => {
  const taken = new Map([["video", 44], ["kvm", 989], ["sgx", 987]]);
  assert.deepEqual([...freeGids(["render", "video", "input", "render"], taken)], [
    ["render", 988],
    ["input", 986],
  ]);
  assert.equal(freeGids(["video"], taken).size, 0);
});

Deno.test("addGroups() says what else there is when the container does not answer in time", async () => {
  const { clock, ...rest } = testPlatform();
  const ssh: SshTransport = {
    exec: (_, { signal } = {}) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const cluster = {
    platform: {
      ...rest,
      clock: { ...clock, sleep: (ms: number, end?: AbortSignal) => clock.sleep(ms / 1_000, end) },
    },
    ssh: () => Promise.resolve(ssh),
    route: () => Promise.resolve({ host: "pve01", port: 22, user: "root" }),
  };
  const making = addGroups(
    cluster,
    { node: "pve01", vmid: 100 },
    new Map([["render", 988]]),
    {},
  );
  await assert.rejects(making, {
    code: "TIMEOUT",
    message: /^cannot make render: .* 30 s in container 100/,
    hint: "give the device a gid instead of a group",
  });
});
