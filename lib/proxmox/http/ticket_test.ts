import assert from "node:assert/strict";
import { instantClock, type Scripted } from "../../../tests/support/scripted_rest.ts";
import { Secret } from "../../core/secret.ts";
import { Unauthorized, Unreachable } from "./errors.ts";
import { createRest, type TracedRequest } from "./rest.ts";
import { type TicketOptions, userTicket } from "./ticket.ts";
import type { ByteRequest, ByteTransport } from "./transport.ts";

const HOUR = 3_600_000;
const refused: Scripted = { status: 401, reason: "authentication failure" };
const stale: Scripted = { status: 401, reason: "Authentication failed!" };
const lost = new Unreachable("lost", { transient: true, sent: true });

/** A client that logs in by password at a node that answers as `answer` says. */
function client(
  answer: (request: ByteRequest, form: URLSearchParams) => Scripted,
  askCode?: TicketOptions["askCode"],
) {
  const clock = instantClock();
  const sent: ByteRequest[] = [];
  const traced: TracedRequest[] = [];
  let asked = 0;
  const transport: ByteTransport = {
    request: async (request) => {
      sent.push(request);
      await Promise.resolve();
      const reply = answer(request, new URLSearchParams(request.body));
      if (reply instanceof Error) throw reply;
      const ok = { status: 200, reason: "OK", headers: {}, body: "" };
      return "data" in reply ? { ...ok, body: JSON.stringify(reply) } : { ...ok, ...reply };
    },
    close: () => Promise.resolve(),
  };
  const authentication = userTicket({
    user: "me@pve",
    password: () => Promise.resolve(new Secret(`pass ${++asked}`)),
    askCode,
    transport,
    clock,
  });
  const rest = createRest({
    transport,
    authentication,
    clock,
    onRequest: (request) => traced.push(request),
  });
  const isLogin = ({ path }: ByteRequest): boolean => path.endsWith("/access/ticket");
  return { rest, clock, sent, traced, logins: () => sent.filter(isLogin), asked: () => asked };
}

/** A node that issues PVE:1, PVE:2 … and takes whatever ticket comes. */
function issuer(): (request: ByteRequest) => Scripted {
  let issued = 0;
  return ({ path }) => {
    if (!path.endsWith("/access/ticket")) return { data: "fine" };
    issued++;
    return { data: { ticket: `PVE:${issued}`, CSRFPreventionToken: `csrf ${issued}` } };
  };
}

function passwords(requests: readonly ByteRequest[]): (string | null)[] {
  return requests.map(({ body }) => new URLSearchParams(body).get("password"));
}

Deno.test("userTicket() logs in once for all who ask, and writes carry the CSRF token", async () => {
  const { rest, sent, logins, traced } = client(issuer());
  await Promise.all([rest.get("/a"), rest.get("/b"), rest.post("/c", { d: 1 })]);
  assert.equal(logins().length, 1);
  const form = new URLSearchParams(logins()[0]?.body);
  assert.deepEqual(Object.fromEntries(form), {
    username: "me@pve",
    password: "pass 1",
    "new-format": "1",
  });
  for (const { method, headers } of sent.slice(1)) {
    assert.equal(headers["cookie"], "PVEAuthCookie=PVE%3A1");
    assert.equal(headers["csrfpreventiontoken"], method === "GET" ? undefined : "csrf 1");
  }
  assert.deepEqual(traced.map(({ path }) => path), ["/a", "/b", "/c"]);
});

Deno.test("userTicket() renews the ticket before it ends, with the ticket itself", async () => {
  const { rest, clock, sent, logins, asked } = client(issuer());
  await rest.get("/a");
  await clock.sleep(1.4 * HOUR);
  await rest.get("/a");
  assert.equal(logins().length, 1);
  await clock.sleep(0.2 * HOUR);
  await Promise.all([rest.get("/a"), rest.get("/b")]);
  assert.deepEqual(passwords(logins()), ["pass 1", "PVE:1"]);
  assert.equal(sent.at(-1)?.headers["cookie"], "PVEAuthCookie=PVE%3A2");
  assert.equal(asked(), 1);
});

Deno.test("userTicket() keeps the old ticket when renewing it finds no way to the node", async () => {
  const issue = issuer();
  let away = false;
  const { rest, clock, sent, logins } = client((request) =>
    away && request.path.endsWith("/access/ticket") ? lost : issue(request)
  );
  await rest.get("/a");
  await clock.sleep(1.6 * HOUR);
  away = true;
  assert.equal(await rest.get("/a"), "fine");
  assert.equal(sent.at(-1)?.headers["cookie"], "PVEAuthCookie=PVE%3A1");
  away = false;
  await rest.get("/a");
  assert.equal(sent.at(-1)?.headers["cookie"], "PVEAuthCookie=PVE%3A2");
  assert.deepEqual(passwords(logins()), ["pass 1", "PVE:1", "PVE:1"]);
});

Deno.test("userTicket() logs in by password where the ticket is refused as one", async () => {
  const issue = issuer();
  const { rest, clock, sent, logins } = client((request, form) =>
    form.get("password") === "PVE:1" ? refused : issue(request)
  );
  await rest.get("/a");
  await clock.sleep(1.6 * HOUR);
  assert.equal(await rest.get("/a"), "fine");
  assert.deepEqual(passwords(logins()), ["pass 1", "PVE:1", "pass 1"]);
  assert.equal(sent.at(-1)?.headers["cookie"], "PVEAuthCookie=PVE%3A2");
});

Deno.test("userTicket() reports what else keeps a ticket from being renewed", async () => {
  const issue = issuer();
  const { rest, clock, logins } = client((request, form) =>
    form.get("password") === "PVE:1" ? { status: 500, reason: "no such realm" } : issue(request)
  );
  await rest.get("/a");
  await clock.sleep(1.6 * HOUR);
  await assert.rejects(rest.get("/a"), { code: "FAILED", status: 500 });
  assert.deepEqual(passwords(logins()), ["pass 1", "PVE:1"]);
});

Deno.test("userTicket() logs in again after a 401, once, and repeats even a write", async () => {
  const issue = issuer();
  const { rest, logins, sent } = client((request) =>
    request.headers["cookie"] === "PVEAuthCookie=PVE%3A1" ? stale : issue(request)
  );
  const done = await Promise.all([rest.post("/a"), rest.put("/b"), rest.delete("/c")]);
  assert.deepEqual(done, ["fine", "fine", "fine"]);
  assert.deepEqual(passwords(logins()), ["pass 1", "pass 1"]);
  assert.equal(sent.length, 2 + 6);
  const hopeless = client((request) =>
    request.path.endsWith("/access/ticket") ? issuer()(request) : stale
  );
  await assert.rejects(hopeless.rest.post("/a"), Unauthorized);
  assert.equal(hopeless.sent.length, 4);
});

Deno.test("userTicket() says who was refused, and does not try a wrong password twice", async () => {
  const { rest, logins } = client(() => refused);
  const tries = await Promise.allSettled([rest.get("/a"), rest.post("/b"), rest.get("/c")]);
  for (const one of tries) {
    assert.ok(one.status === "rejected" && one.reason instanceof Unauthorized);
    assert.match(one.reason.message, /login of me@pve: authentication failure/);
    assert.match(one.reason.hint ?? "", /PROXMOX_PASSWORD/);
    assert.ok(!Deno.inspect(one.reason).includes("pass 1"));
  }
  await assert.rejects(rest.get("/d"), Unauthorized);
  assert.equal(logins().length, 1);
});

Deno.test("userTicket() tries again after a login that found no way to the node", async () => {
  const issue = issuer();
  let first = true;
  const { rest, logins } = client((request) => {
    if (!first) return issue(request);
    first = false;
    return lost;
  });
  assert.equal(await rest.get("/a"), "fine");
  assert.equal(logins().length, 2);
});

const challenge = `PVE:!tfa!${encodeURIComponent('{"totp":true}')}:66::x`;

/** A node where 123456 is the code. */
function withFactor(ticket = challenge): (r: ByteRequest, form: URLSearchParams) => Scripted {
  const issue = issuer();
  return (request, form) => {
    if (!request.path.endsWith("/access/ticket")) return issue(request);
    const answered = form.get("tfa-challenge");
    if (answered === null) return { data: { ticket, NeedTFA: 1, CSRFPreventionToken: "x" } };
    return answered === ticket && form.get("password") === "totp:123456" ? issue(request) : refused;
  };
}

Deno.test("userTicket() answers a second factor with the code that it asks for", async () => {
  const { rest, logins } = client(withFactor(), (user) => {
    assert.equal(user, "me@pve");
    return Promise.resolve("123 456");
  });
  await Promise.all([rest.get("/a"), rest.get("/b")]);
  assert.deepEqual(passwords(logins()), ["pass 1", "totp:123456"]);
});

Deno.test("userTicket() asks again after a wrong code, three times at most", async () => {
  const codes = ["111111", "222222", "123456"];
  const patient = client(withFactor(), () => Promise.resolve(codes.shift() ?? ""));
  await patient.rest.get("/a");
  assert.equal(patient.asked(), 1);
  let asked = 0;
  const wrong = client(withFactor(), () => Promise.resolve(`${++asked}`));
  await assert.rejects(wrong.rest.get("/a"), /login of me@pve/);
  assert.equal(asked, 3);
});

Deno.test("userTicket() refuses a second factor that it cannot answer", async () => {
  const nobody = client(withFactor());
  await assert.rejects(nobody.rest.get("/a"), /second factor, and its code cannot be asked/);
  const key = `PVE:!tfa!${encodeURIComponent('{"totp":false,"webauthn":{}}')}:66::x`;
  const token = client(withFactor(key), () => assert.fail("asked without need"));
  await assert.rejects(token.rest.get("/a"), /second factor of me@pve is webauthn/);
});
