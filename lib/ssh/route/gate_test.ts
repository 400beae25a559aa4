import assert from "node:assert/strict";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { sshMachine } from "../../../tests/support/ssh_machine.ts";
import { startSshServer, type TestSshServer } from "../../../tests/support/ssh_server.ts";
import { connectThroughGates, type GateOptions } from "./gate.ts";
import { findNode, type NodeSshWorld } from "./node.ts";
import { keyText } from "../trust/wire.ts";

const key = newKey("me");
/** The broadcast address: no route for TCP, which the machine itself says at once. */
const unroutable = "255.255.255.255";

/** A machine without ssh, which knows these servers by these names. */
function world(known: readonly [name: string, server: TestSshServer][]): NodeSshWorld {
  const lines = known.map(([name, { publicKeys }]) =>
    `${name} ${keyText(publicKeys[0] ?? new Uint8Array())}`
  );
  return sshMachine({
    "/home/me/.ssh/known_hosts": lines.join("\n"),
    "/home/me/.ssh/id_rsa": key.private,
  });
}

const at = (port: number): { host: string; port: number } => ({ host: "127.0.0.1", port });

Deno.test("connectThroughGates() goes through the first host inside that can be reached", async () => {
  await using node = await startSshServer();
  await using deaf = await startSshServer();
  await using gate = await startSshServer({ forwards: node.port });
  const warnings: string[] = [];
  const options: GateOptions = {
    gates: [at(deaf.port), at(gate.port)],
    warn: (line) => warnings.push(line),
    ask: () => Promise.resolve({ clusterIp: unroutable }),
  };
  const here = world([
    [unroutable, node],
    [`[127.0.0.1]:${deaf.port}`, deaf],
    [`[127.0.0.1]:${gate.port}`, gate],
  ]);
  const way = await findNode("pve02", options, here);
  await using connection = await connectThroughGates("pve02", way, options, here);
  assert.equal((await connection.exec("true")).code, 0);
  assert.deepEqual(node.commands, ["true"]);
  assert.deepEqual(warnings, [
    `there is no route to pve02 (${unroutable}:22): going through 127.0.0.1:${gate.port}`,
  ]);
});

Deno.test("connectThroughGates() believes the node's key only, whatever the gate connects it to", async () => {
  await using node = await startSshServer();
  await using impostor = await startSshServer();
  await using gate = await startSshServer({ forwards: impostor.port });
  const options: GateOptions = {
    gates: [at(gate.port)],
    ask: () => Promise.resolve({ clusterIp: unroutable }),
  };
  const here = world([[unroutable, node], [`[127.0.0.1]:${gate.port}`, gate]]);
  const way = await findNode("pve02", options, here);
  await assert.rejects(connectThroughGates("pve02", way, options, here), { code: "UNTRUSTED" });
  assert.deepEqual(impostor.logins, []);
});

Deno.test("connectThroughGates() repeats why the node cannot be reached when no gate helps", async () => {
  await using gate = await startSshServer();
  const options: GateOptions = {
    gates: [at(gate.port)],
    ask: () => Promise.resolve({ clusterIp: unroutable }),
  };
  const here = world([[`[127.0.0.1]:${gate.port}`, gate]]);
  const way = await findNode("pve02", options, here);
  await assert.rejects(connectThroughGates("pve02", way, options, here), {
    code: "UNREACHABLE",
    message: /^no SSH connection to 255\.255\.255\.255:22: there is no route/,
  });
  // A host that answers is not helped by another one.
  const refusing = { ...way, host: "127.0.0.1", port: 1 };
  await assert.rejects(connectThroughGates("pve02", refusing, options, here), {
    message: /connection refused/,
  });
  assert.equal(gate.connections, 1);
});
