import assert from "node:assert/strict";
import type { LoginCase } from "./logins.ts";
import { useLogin } from "./simulator.ts";

/** The tests that another login runs again: one for each kind of request and command. */
const chosen: Readonly<Record<string, readonly string[]>> = {
  "create/create_test.ts": [
    "create makes, starts and addresses a container, and prints one JSON object",
    "create downloads a template that is only in the index",
    "create takes the next vmid when somebody else was quicker, and leaves theirs alone",
    "create sends each write once, and finds its task when the reply is lost",
    "create --on-failure decides about a container that never gets an address",
  ],
  "destroy/destroy_test.ts": [
    "destroy removes several, each once, and looks at all before it touches any",
    "destroy --force protects the container again when it could not be removed",
    "Ctrl-C during a destroy leaves it to its node and says so",
  ],
  "cluster/list_test.ts": [
    "list shows containers as a table, as JSON and as YAML",
    "list --watch shows the list again until Ctrl-C, which ends it well",
  ],
  "create/provision_test.ts": [
    "create provisions packages, keys, files and scripts, in this order",
    "create keeps and tags a container whose step failed, and shows the last lines",
    "Ctrl-C while a script runs leaves nothing",
  ],
  "cluster/lost_test.ts": [
    "create takes back by a new SSH connection what it did by one that was lost",
    "create looks at its node again when the connection is lost meanwhile",
  ],
};

/**
 * Registers chosen tests again, to be run with another login: the login stands in one place of the
 * product, and these reach every kind of request that it has a part in.
 */
export async function rerunWith(login: LoginCase["name"]): Promise<void> {
  useLogin(login);
  const register = Deno.test;
  const found: string[] = [];
  const only = (name: unknown, ...rest: unknown[]): void => {
    if (typeof name !== "string" || !names.includes(name)) return;
    found.push(name);
    Reflect.apply(register, Deno, [name, ...rest]);
  };
  const names = Object.values(chosen).flat();
  Object.assign(Deno, { test: only });
  try {
    for (const file of Object.keys(chosen)) await import(`../${file}`);
  } finally {
    Object.assign(Deno, { test: register });
  }
  // A test that was renamed must not fall out unseen.
  assert.deepEqual(found.toSorted(), names.toSorted());
}
