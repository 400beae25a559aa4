import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import { InvalidParameter, ProxmoxError } from "./errors.ts";
import type { ByteReply } from "./transport.ts";
import { decodeReply, encodeForm, encodeRequest, path } from "./wire.ts";

function reply(status: number, body: unknown, reason = "Reason"): ByteReply {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, reason, headers: {}, body: new TextEncoder().encode(text) };
}

/** What decoding a reply throws. */
function refusal(from: ByteReply): ProxmoxError {
  try {
    decodeReply("GET /x", from);
  } catch (error) {
    assert.ok(error instanceof ProxmoxError);
    return error;
  }
  return assert.fail("it was not refused");
}

Deno.test("encodeForm() writes booleans as 1 and 0 and leaves out what is undefined", () => {
  assert.equal(
    encodeForm({ start: true, onboot: false, cores: 2, cpulimit: 0.5, pool: undefined, tags: "" }),
    "start=1&onboot=0&cores=2&cpulimit=0.5&tags=",
  );
});

Deno.test("encodeForm() brings any text through a form unchanged", () => {
  const values = {
    net0: "name=eth0,bridge=vmbr0,ip=10.0.0.5/24,gw=10.0.0.1",
    description: "zwei\nZeilen & ein + Ü € 😀 %41 ;#?",
    "ssh-public-keys": "ssh-ed25519 AAAA+/== me@host\n",
    "a=b&c": "=",
  };
  const form = encodeForm(values);
  assert.match(form, /^[\w.!~*'()%=&-]+$/);
  assert.equal(form.split("&").every((pair) => pair.split("=").length === 2), true);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(form)), values);
});

Deno.test("encodeForm() replaces half of a surrogate pair", () => {
  assert.equal(encodeForm({ a: "x\ud800y" }), "a=x%EF%BF%BDy");
});

Deno.test("encodeForm() reveals a secret, for it is what gets sent", () => {
  assert.equal(encodeForm({ password: new Secret("a=b c") }), "password=a%3Db%20c");
});

Deno.test("encodeRequest() puts parameters of GET and DELETE into the query and sends no body", () => {
  assert.deepEqual(
    encodeRequest("GET", "/nodes/a/storage", { content: "rootdir", enabled: true }),
    {
      method: "GET",
      path: "/api2/json/nodes/a/storage?content=rootdir&enabled=1",
      headers: {},
    },
  );
  assert.deepEqual(encodeRequest("DELETE", "/nodes/a/lxc/1", { force: undefined }), {
    method: "DELETE",
    path: "/api2/json/nodes/a/lxc/1",
    headers: {},
  });
});

Deno.test("encodeRequest() sends POST and PUT as a form with its length", () => {
  for (const method of ["POST", "PUT"] as const) {
    assert.deepEqual(encodeRequest(method, "/x", { a: "ü", b: true }), {
      method,
      path: "/api2/json/x",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "content-length": "12",
      },
      body: "a=%C3%BC&b=1",
    });
    assert.deepEqual(encodeRequest(method, "/x", {}), {
      method,
      path: "/api2/json/x",
      headers: { "content-length": "0" },
      body: "",
    });
  }
});

Deno.test("path() keeps an inserted value in its place", () => {
  assert.equal(path`/nodes/${"a"}/lxc/${105}/config`, "/nodes/a/lxc/105/config");
  assert.equal(path`/nodes/${"../x?y#z"}/status`, "/nodes/..%2Fx%3Fy%23z/status");
  assert.equal(
    path`/tasks/${"UPID:vm:1:root@pam!x:"}`,
    "/tasks/UPID%3Avm%3A1%3Aroot%40pam!x%3A",
  );
});

Deno.test("decodeReply() returns the data, whatever it is", () => {
  for (const data of [null, "UPID:x", 5, [], { a: [1] }]) {
    assert.deepEqual(decodeReply("GET /x", reply(200, { data })), data);
  }
  assert.equal(decodeReply("GET /x", { ...reply(200, ""), body: '{"data":"ü"}' }), "ü");
});

Deno.test("decodeReply() refuses a 200 that is no reply of the API", () => {
  for (const body of ["<html>Log in</html>", "", "[]", "null", '"x"', '{"message":"hello"}']) {
    const error = refusal(reply(200, body, "OK"));
    assert.equal(error.message, "200 OK is no reply of the Proxmox API (GET /x)");
    assert.match(error.hint ?? "", /path prefix/);
  }
});

Deno.test("decodeReply() names where a redirect leads", () => {
  const error = refusal({
    ...reply(301, "Moved Permanently", "Moved Permanently"),
    headers: { location: "https://localhost/" },
  });
  assert.match(error.message, /301 Moved Permanently to https:\/\/localhost\/ is no reply/);
});

Deno.test("decodeReply() takes a proxy's 404 for a wrong URL, not for a missing guest", () => {
  const error = refusal(reply(404, "<html>nginx</html>", "Not Found"));
  assert.equal(error.code, "FAILED");
  assert.match(error.hint ?? "", /path prefix/);
});

Deno.test("decodeReply() prefers the message to the reason phrase", () => {
  const withBoth = reply(500, { data: null, message: "CT 1 not running\n" }, "Internal Error");
  assert.equal(refusal(withBoth).text, "CT 1 not running");
  assert.equal(refusal(reply(500, { data: null }, "CT 1 not running")).text, "CT 1 not running");
  assert.equal(refusal(reply(500, "", "CT 1 not running")).text, "CT 1 not running");
});

Deno.test("decodeReply() passes on what is wrong with each parameter", () => {
  const error = refusal(reply(400, {
    data: null,
    message: "Parameter verification failed.\n",
    errors: { vmid: "invalid format - value does not look like a valid VM ID\n", cores: 5 },
  }));
  assert.ok(error instanceof InvalidParameter);
  assert.deepEqual(error.fields, {
    vmid: "invalid format - value does not look like a valid VM ID",
    cores: "5",
  });
});
