import assert from "node:assert/strict";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";
import type { Ran } from "../../support/simulator.ts";
import { until } from "../../support/until.ts";
import { ADDRESS, CONTROL, type Headscale, startHeadscale } from "./headscale.ts";

const UNIT = `[Service]
Type=notify
RuntimeDirectory=tailscale
StateDirectory=tailscale
ExecStart=/usr/local/bin/tailscaled --state=/var/lib/tailscale/tailscaled.state --socket=/run/tailscale/tailscaled.sock

[Install]
WantedBy=multi-user.target
`;

/** A recipe whose container has this machine's Tailscale and the lab's tailnet. */
function recipe({ ca }: Headscale, tailscale: unknown): string {
  return JSON.stringify({
    container: {
      hostname: "tail-{n}",
      template: "debian-13",
      mount_points: [{ host: "/usr/local/bin", container: "/usr/local/bin", read_only: true }],
    },
    provisioning: {
      files: [
        { path: "/etc/hosts", content: `127.0.0.1 localhost\n${ADDRESS} ${CONTROL}\n` },
        { path: "/etc/ssl/certs/ca-certificates.crt", content: ca },
        { path: "/etc/systemd/system/tailscaled.service", content: UNIT },
      ],
      tailscale,
    },
  });
}

/** Runs a command line of which the key to join with is in the environment alone. */
async function run(
  lab: LxcLab,
  { key }: Headscale,
  args: readonly string[],
  stdin: string,
): Promise<Ran> {
  const ran = await lab.run(args, { stdin, env: { TAILSCALE_AUTH_KEY: key } });
  assert.equal(ran.status, 0, ran.stderr);
  assert.ok(!`${ran.stdout}${ran.stderr}`.includes(key));
  return ran;
}

Deno.test("two containers join a real tailnet, see each other, and stay in it", async () => {
  await using lab = await startLxcLab("debian-13");
  await using headscale = await startHeadscale(lab);
  const json = ["--format", "json"];
  const wish = recipe(headscale, true);
  const made = await run(lab, headscale, ["create", "-", "--count", "2", ...json], wish);
  const { containers } = JSON.parse(made.stdout);
  const listed = (await headscale.nodes()).toSorted((a, b) =>
    a.given_name.localeCompare(b.given_name)
  );
  assert.deepEqual(listed.map(({ given_name }) => given_name), ["tail-1", "tail-2"]);
  for (const { hostname, tailscale } of containers) {
    const node = listed.find(({ given_name }) => given_name === hostname);
    assert.equal(tailscale.name, `${hostname}.lab.example`);
    assert.deepEqual(tailscale.addresses, node?.ip_addresses);
  }
  // Each hears of the other a moment after it is there itself.
  await until("a way to tail-2", async () => {
    const ping = ["exec", "tail-1", "--", "tailscale", "ping", "--timeout", "5s", "tail-2"];
    return /^pong from tail-2 \(100\.64\.0\.\d\)/m.test((await lab.run(ping)).stdout);
  });

  const provision = async (tailscale: unknown): Promise<{ changed: string[] }> => {
    const stdin = recipe(headscale, tailscale).replace("{n}", "1");
    const again = await run(lab, headscale, ["provision", "tail-1", "-", ...json], stdin);
    return JSON.parse(again.stdout);
  };
  assert.deepEqual((await provision(true)).changed, []);
  assert.deepEqual((await provision({ shields_up: true })).changed, ["tailscale"]);
  assert.deepEqual((await provision({ shields_up: true })).changed, []);
  assert.equal((await headscale.nodes()).length, 2);
});
