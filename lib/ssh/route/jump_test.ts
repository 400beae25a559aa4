import assert from "node:assert/strict";
import type { SshConfigWorld } from "./config.ts";
import { findJump } from "./jump.ts";

/** A machine whose ssh_config says this about hosts. */
function platform(hosts: Readonly<Record<string, string>> = {}): SshConfigWorld {
  return {
    home: "/home/me",
    env: {},
    self: { user: "me" },
    run(_program, args) {
      const host = args.at(-1) ?? "";
      const value = (flag: string, otherwise: string): string =>
        args.includes(flag) ? args[args.indexOf(flag) + 1] ?? "" : otherwise;
      const text = [
        `hostname ${host}.lan`,
        `port ${value("-p", "22")}`,
        `user ${value("-l", "me")}`,
        hosts[host] ?? "",
      ].join("\n");
      const none = new Uint8Array();
      return Promise.resolve({ code: 0, stdout: new TextEncoder().encode(text), stderr: none });
    },
  };
}

/** The hops on the way, the first one first. */
async function hops(proxyJump: string, at = platform()): Promise<string[]> {
  const texts: string[] = [];
  for (let way = await findJump(proxyJump, at, ["pve01"]); way; way = way.jump) {
    texts.unshift(`${way.user}@${way.host}:${way.port}`);
  }
  return texts;
}

Deno.test("findJump() reads users, ports, URLs and IPv6 addresses", async () => {
  assert.deepEqual(await hops("a"), ["me@a.lan:22"]);
  assert.deepEqual(await hops("u@a:23, ssh://v@[fd00::1]:24/"), ["u@a.lan:23", "v@fd00::1.lan:24"]);
});

Deno.test("findJump() follows a ProxyJump of the first hop only", async () => {
  const at = platform({ a: "proxyjump outer", b: "proxyjump nowhere" });
  assert.deepEqual(await hops("a,b", at), ["me@outer.lan:22", "me@a.lan:22", "me@b.lan:22"]);
});

Deno.test("findJump() refuses what names no host, and circles", async () => {
  for (const text of ["u@", "[fd00::1", "-oProxyCommand=x", ""]) {
    await assert.rejects(hops(text), { code: "FAILED", message: /names no host/ });
  }
  await assert.rejects(hops("a", platform({ a: "proxyjump b", b: "proxyjump a" })), {
    code: "FAILED",
    message: /circle: pve01 through a through b through a$/,
  });
  await assert.rejects(hops("pve01"), { message: /circle: pve01 through pve01$/ });
});
