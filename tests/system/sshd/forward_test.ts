import assert from "node:assert/strict";
import { tlsTransport } from "../../../lib/proxmox/http/tls.ts";
import { selfSigned } from "../../support/certificate.ts";
import { startSshd } from "../../support/sshd.ts";
import { httpReply, tlsServer } from "../../support/tls_server.ts";

const get = { method: "GET", path: "/api2/json/version", headers: {} } as const;

Deno.test("forward() carries TLS through OpenSSH, more streams than it gives sessions", async () => {
  const certificate = await selfSigned();
  await using node = await tlsServer(certificate, (_request, socket) => {
    socket.write(httpReply(200, "OK", { data: 1 }));
  });
  await using sshd = await startSshd(["MaxSessions 1"]);
  await using connection = await sshd.connect([await sshd.newKey("id_ed25519")]);
  const transport = tlsTransport({
    baseUrl: `https://127.0.0.1:${node.port}`,
    trust: certificate,
    dial: async (track, late) => {
      const stream = await connection.forward("127.0.0.1", node.port, late);
      track(stream);
      return stream;
    },
  });
  const replies = await Promise.all(Array.from({ length: 12 }, () => transport.request(get)));
  assert.ok(replies.every(({ status }) => status === 200));
  assert.ok(node.connections > 1);
  await transport.close();
});

Deno.test("forward() fails where nothing listens, and where OpenSSH forwards nothing", async () => {
  const { signal } = new AbortController();
  for (const config of [[], ["AllowTcpForwarding no"]]) {
    await using sshd = await startSshd(config);
    await using connection = await sshd.connect([await sshd.newKey("id_ed25519")]);
    await assert.rejects(connection.forward("127.0.0.1", 1, signal), Error);
    assert.equal((await connection.exec("exit 3")).code, 3, "the connection stands");
  }
});
