import assert from "node:assert/strict";
import type { Env } from "../../lib/core/platform.ts";
import { keyText } from "../../lib/ssh/trust/wire.ts";
import { selfSigned } from "../support/certificate.ts";
import { type LoginCase, logins } from "../support/logins.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { startSshServer } from "../support/ssh_server.ts";
import { type TlsServer, tlsServer } from "../support/tls_server.ts";

const recipe = "container: { hostname: web-1, template: debian-13 }\n" +
  "provisioning: { files: [{ path: /etc/motd, content: hello }] }\n";

/** Each with what it takes to do it without asking. */
const commands = [
  { args: ["list"], unasked: [] },
  { args: ["create", "-"], unasked: ["--yes"] },
  { args: ["destroy", "web-1"], unasked: ["--yes"] },
];

/** What the user already knows, and says. */
const users = [
  { name: "whom another one was known as", known: true },
  { name: "whom nobody knows", known: false },
  { name: "whom the user does not confirm", known: false, answers: ["n"] },
];

/** Somebody else on the ports of the cluster, who notes all that is said to them. */
interface Stranger extends AsyncDisposable {
  readonly api: TlsServer;
  readonly logins: readonly unknown[];
  readonly connections: number;
  /** Leads SSH there, with or without another host key known for it. */
  sshEnv(known: boolean): Promise<Env>;
}

async function stranger(lab: Lab): Promise<Stranger> {
  const api = await tlsServer(await selfSigned(), () => {});
  const ssh = await startSshServer();
  const directory = await Deno.makeTempDir({ prefix: "pxrun-stranger-" });
  return {
    api,
    get logins() {
      return ssh.logins;
    },
    get connections() {
      return ssh.connections;
    },
    async sshEnv(known) {
      const file = `${directory}/known_hosts`;
      const [type, key] = (lab.simulator.ssh.nodes["pve01"]?.publicKey ?? "").split(" ");
      assert.ok(
        type !== undefined && ssh.publicKeys.every((one) => keyText(one) !== `${type} ${key}`),
      );
      await Deno.writeTextFile(file, known ? `[127.0.0.1]:${ssh.port} ${type} ${key}\n` : "");
      const there = ["pve01", "pve02"].map((node) => `${node}=root@127.0.0.1:${ssh.port}`);
      return { PXRUN_SSH_NODES: there.join(","), PXRUN_KNOWN_HOSTS: file };
    },
    async [Symbol.asyncDispose]() {
      await ssh[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** The stranger is the way in: the API for a token and a password, else a node's SSH. */
async function towards(login: LoginCase, there: Stranger, known: boolean): Promise<Env> {
  const ssh = await there.sshEnv(known);
  if (login.name === "SSH alone") return ssh;
  return { ...ssh, PROXMOX_HOST: there.api.url, ...(!known && { PROXMOX_FINGERPRINT: undefined }) };
}

for (const login of logins) {
  for (const { name, known, answers } of users) {
    Deno.test(`${login.name}: somebody ${name} gets not one byte of a credential`, async () => {
      await using lab = await startLab();
      await using there = await stranger(lab);
      const env = { ...login.env(lab.simulator), ...await towards(login, there, known) };
      for (const { args, unasked } of commands) {
        const given = answers ? { answers } : {};
        const { status, stderr } = await lab.run([...args, ...answers ? [] : unasked], {
          env,
          stdin: recipe,
          ...given,
        });
        assert.equal(status, 4, `${args.join(" ")}: ${stderr}`);
      }
      assert.ok(there.connections > 0 || there.api.connections > 0, "somebody was asked");
      assert.equal(there.api.bytes, 0);
      assert.deepEqual(there.logins, []);
      assert.equal(lab.simulator.requests.length, 0);
    });

    if (login.name === "SSH alone") continue;
    Deno.test(`${login.name}: a node's SSH by somebody ${name} gets no login, and nothing is made`, async () => {
      await using lab = await startLab();
      await using there = await stranger(lab);
      const env = { ...login.env(lab.simulator), ...await there.sshEnv(known) };
      const { status, stderr } = await lab.run(["create", "-", ...(answers ? [] : ["--yes"])], {
        env,
        stdin: recipe,
        ...(answers && { answers }),
      });
      assert.equal(status, 4, stderr);
      assert.ok(there.connections > 0);
      assert.deepEqual(there.logins, []);
      assert.deepEqual(lab.containers(), []);
    });
  }
}
