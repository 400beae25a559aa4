import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../lib/cluster/connect.ts";
import { Secret } from "../../lib/core/secret.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { list } from "../../lib/cluster/guests/list.ts";
import { authority, selfSigned } from "../support/certificate.ts";
import { connectProxy } from "../support/connect_proxy.ts";
import { logins, passwordOf } from "../support/logins.ts";
import { startLab } from "../support/simulator.ts";
import { httpReply, tlsServer } from "../support/tls_server.ts";

const root = join(import.meta.dirname ?? ".", "..", "..");
const noPin = { PROXMOX_FINGERPRINT: undefined };

for (const login of logins.filter(({ name }) => name !== "SSH alone")) {
  Deno.test(`${login.name}: another certificate on the port gets not one byte`, async () => {
    await using lab = await startLab();
    await using recorder = await tlsServer(await selfSigned(), () => {});
    const host = { ...login.env(lab.simulator), PROXMOX_HOST: recorder.url };
    const renewed = await lab.run(["list"], { env: host });
    assert.equal(renewed.status, 4);
    assert.ok(renewed.stderr.includes(lab.simulator.fingerprint));
    const unknown = await lab.run(["list"], { env: { ...host, ...noPin } });
    assert.equal(unknown.status, 4);
    assert.match(unknown.stderr, /PROXMOX_FINGERPRINT=([0-9A-F]{2}:){31}/);
    const no = await lab.run(["list"], { env: { ...host, ...noPin }, answers: ["n"] });
    assert.equal(no.status, 4);
    assert.equal(recorder.bytes, 0);
  });

  Deno.test(`${login.name}: an unknown certificate is shown and asked about`, async () => {
    await using lab = await startLab();
    const env = { ...login.env(lab.simulator), ...noPin };
    const { status, stderr } = await lab.run(["list"], { env, answers: ["y"] });
    assert.equal(status, 0, stderr);
    const { fingerprint } = lab.simulator;
    assert.match(stderr, /names {3}".*CN=pve01.*"\n/);
    assert.ok(stderr.includes(`SHA-256    ${fingerprint}\n`));
    assert.match(stderr, /Is it the same\? \[y\/N\]/);
    assert.ok(stderr.includes(`export PROXMOX_FINGERPRINT=${fingerprint}\n`));
  });
}

Deno.test("PROXMOX_VERIFY_SSL=false is refused, and with --insecure said on every run", async () => {
  await using lab = await startLab();
  await using recorder = await tlsServer(await selfSigned(), ({ path }, socket) => {
    const data = path.endsWith("/access/permissions") ? { "/": { "VM.Audit": 1 } } : [];
    socket.write(httpReply(200, "OK", { data }));
  });
  const env = { ...noPin, PROXMOX_HOST: recorder.url, PROXMOX_VERIFY_SSL: "false" };
  const refused = await lab.run(["list"], { env });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /send the token to any server that answers[\s\S]*--insecure/);
  assert.equal(recorder.bytes, 0);
  for (const args of [["--insecure", "list"], ["list", "--insecure"]]) {
    const { status, stderr } = await lab.run(args, { env });
    assert.equal(status, 0, stderr);
    assert.equal(stderr.match(/^warning: .*not checked \(PROXMOX_VERIFY_SSL=false\)/gm)?.length, 1);
  }
  assert.ok(recorder.bytes > 0);
});

Deno.test("HTTPS_PROXY leads to the API, and NO_PROXY past it", async () => {
  await using lab = await startLab();
  await using proxy = await connectProxy({ to: lab.simulator.port, login: "Basic bWU6czNjcmV0" });
  const env = {
    PROXMOX_HOST: "pve01.example",
    https_proxy: `http://me:s3cret@127.0.0.1:${proxy.port}`,
  };
  const { status, stderr } = await lab.run(["list", "--debug"], { env });
  assert.equal(status, 0, stderr);
  assert.match(proxy.heads.join(""), /^CONNECT pve01\.example:8006 /);
  assert.ok(!proxy.tunnelled.includes(lab.simulator.token.secret));
  assert.ok(!stderr.includes("s3cret"));
  const heads = proxy.heads.length;
  const url = lab.simulator.url.replace("127.0.0.1", "pve01.invalid");
  const past = await lab.run(["list"], { env: { ...env, PROXMOX_HOST: url, NO_PROXY: "invalid" } });
  assert.equal(past.status, 5, past.stderr);
  assert.equal(proxy.heads.length, heads);
  const wrong = await lab.run(["list"], {
    env: { ...env, https_proxy: `http://me:wr0ng@127.0.0.1:${proxy.port}` },
  });
  assert.equal(wrong.status, 4);
  assert.match(wrong.stderr, /the proxy http:\/\/127\.0\.0\.1:\d+ wants a login/);
  assert.ok(!wrong.stderr.includes("wr0ng"));
});

const byUser = {
  PROXMOX_TOKEN_ID: undefined,
  PROXMOX_TOKEN_SECRET: undefined,
  PROXMOX_USER: "root@pam",
};

Deno.test("a password that is not set is asked for on a terminal, and needed without one", async () => {
  await using lab = await startLab();
  const without = await lab.run(["list"], { env: byUser });
  assert.equal(without.status, 2);
  assert.match(without.stderr, /PROXMOX_PASSWORD is not set: the password of root@pam/);
  const shown = await lab.run(["list"], { env: byUser, answers: ["never typed"] });
  assert.equal(shown.status, 2);
  assert.match(shown.stderr, /the password of root@pam: this terminal \(TERM=dumb\) would show it/);
  const listAs = async (password: string): Promise<readonly string[]> => {
    const asked: string[] = [];
    await using cluster = await connect(lab.platform({ env: byUser }), {
      askPassword(user) {
        asked.push(user);
        return Promise.resolve(new Secret(password));
      },
    });
    await list(cluster);
    return asked;
  };
  assert.deepEqual(await listAs(passwordOf(lab.simulator, "root@pam")), ["root@pam"]);
  await assert.rejects(listAs("wrong"), {
    code: "UNAUTHORIZED",
    message: /login of root@pam: authentication failure/,
    hint: /PROXMOX_PASSWORD/,
  });
});

Deno.test("the code of a second factor is asked for, again after a wrong one", async () => {
  await using lab = await startLab();
  const env = { ...byUser, PROXMOX_PASSWORD: passwordOf(lab.simulator, "root@pam") };
  const user = lab.simulator.cluster.users.get("root@pam");
  assert.ok(user);
  user.totp = "123456";
  const { status, stderr } = await lab.run(["list"], { env, answers: ["111111", "123 456"] });
  assert.equal(status, 0, stderr);
  assert.equal(stderr.match(/code of the second factor of root@pam/g)?.length, 2);
  const script = await lab.run(["list"], { env });
  assert.equal(script.status, 4);
  assert.match(script.stderr, /second factor, and its code cannot be asked for here/);
});

Deno.test("a run that outlives its ticket goes on with a new one", async () => {
  let late = 0;
  await using lab = await startLab({
    clock: { ...systemClock, now: () => systemClock.now() + late },
    onRequest: ({ method, path }) => {
      if (method === "POST" && path.endsWith("/lxc")) late = 3 * 60 * 60_000;
    },
  });
  const env = { ...byUser, PROXMOX_PASSWORD: passwordOf(lab.simulator, "root@pam") };
  const args = ["create", "--hostname", "web-1", "--template", "debian-13"];
  const { status, stderr } = await lab.run(args, { env });
  assert.equal(status, 0, stderr);
  const logins = lab.simulator.requests.filter(({ path }) => path === "/access/ticket");
  assert.equal(logins.length, 2);
});

/** What many have in their shell; it holds for a whole process. */
const believing = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };

Deno.test("NODE_TLS_REJECT_UNAUTHORIZED=0 opens no way past a CA, a fingerprint or a proxy's certificate", async () => {
  const tests = ["tls_test.ts", "tls_connect_test.ts", "proxy_connect_test.ts"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "-A", "--cached-only", "--no-check", "--quiet"],
      ...tests.map((name) => join(root, "lib", "proxmox", "http", name)),
    ],
    env: believing,
  }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
});

Deno.test("NODE_TLS_REJECT_UNAUTHORIZED=0 sends no token to a node of another CA, nor keys by https", async () => {
  const ca = await authority();
  await using impostor = await tlsServer(await (await authority()).issue(), (_request, socket) => {
    socket.write(httpReply(200, "OK", { data: [] }));
  });
  const caFile = await Deno.makeTempFile();
  await Deno.writeTextFile(caFile, ca.cert);
  const run = async (args: string[], env: Record<string, string>) =>
    await new Deno.Command(Deno.execPath(), {
      args: [...args],
      clearEnv: true,
      env: {
        ...believing,
        PATH: Deno.env.get("PATH") ?? "",
        DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno"),
        HOME: "/nonexistent",
        ...env,
      },
    }).output();
  const command = ["run", "-A", "--cached-only", "--no-check", "--quiet", join(root, "main.ts")];
  const login = {
    PROXMOX_HOST: impostor.url,
    PROXMOX_TOKEN_ID: "root@pam!pxrun",
    PROXMOX_TOKEN_SECRET: crypto.randomUUID(),
  };
  try {
    for (const trust of [{ PROXMOX_CA_FILE: caFile }, {}]) {
      const { code, stderr } = await run([...command, "list"], { ...login, ...trust });
      assert.equal(code, 4, new TextDecoder().decode(stderr));
    }
    const host = JSON.stringify(new URL("../../lib/host/mod.ts", import.meta.url).href);
    const fetched = await run([
      ...["eval", "--no-check", "--quiet"],
      `import { denoPlatform } from ${host};
       const signal = AbortSignal.timeout(10_000);
       await denoPlatform().fetch("${impostor.url}", { redirect: "manual", signal });`,
    ], {});
    assert.notEqual(fetched.code, 0);
    assert.match(new TextDecoder().decode(fetched.stderr), /certificate/i);
  } finally {
    await Deno.remove(caFile);
  }
  assert.equal(impostor.bytes, 0);
});
