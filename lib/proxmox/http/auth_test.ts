import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { apiToken } from "./auth.ts";

Deno.test("apiToken() names the token in one header", async () => {
  const token = apiToken({ id: "op@pve!ci-1", secret: new Secret("0123-abcd") });
  assert.deepEqual(await token.headers("GET"), {
    authorization: "PVEAPIToken=op@pve!ci-1=0123-abcd",
  });
});

Deno.test("apiToken() refuses an id that is none", () => {
  for (
    const id of ["", "root@pam", "root!x", "root@pam!", "root@pam!a b", "r@pam!x=y", "a\n@b!c"]
  ) {
    assert.throws(
      () => apiToken({ id, secret: new Secret("x") }),
      (error) => error instanceof PxrunError && error.code === "USAGE" && error.hint !== undefined,
      id,
    );
  }
});

Deno.test("apiToken() refuses a secret that cannot stand in a header, without showing it", () => {
  for (const secret of ["", "hunter2\n", "hunter2 x", "hunter2\r\nX-Evil: 1", "hunter2ü"]) {
    assert.throws(
      () => apiToken({ id: "root@pam!x", secret: new Secret(secret) }),
      (error) => error instanceof PxrunError && !error.message.includes("hunter2"),
    );
  }
});
