import assert from "node:assert/strict";
import { commandLine } from "../core/argv.ts";
import {
  type Access,
  administratorScript,
  type Existing,
  NOTHING,
  PRIVILEGES,
  ROLE,
  setupActions,
  USER,
} from "./steps.ts";

const everything: Access = { tokenName: "laptop", scope: { storages: [] } };
const done: Existing = {
  known: new Set(PRIVILEGES),
  role: new Set([...PRIVILEGES, "Sys.Modify"]),
  hasUser: true,
  tokens: ["laptop", "ci"],
  acls: [USER, `${USER}!laptop`, `${USER}!ci`].map((who) => ({ path: "/", who, role: ROLE })),
  pools: [],
};

function lines(access: Access, existing: Existing, keeps = false): string[] {
  return setupActions(access, existing, keeps).map(({ argv }) =>
    commandLine(argv).replace(PRIVILEGES.join(","), "ALL")
  );
}

Deno.test("setupActions() makes all that a fresh cluster lacks, and says how to take it back", () => {
  assert.deepEqual(lines(everything, NOTHING), [
    "pveum role add PxrunUser --privs ALL",
    "pveum user add pxrun@pve --comment pxrun",
    "pveum user token add pxrun@pve laptop --privsep 1",
    "pveum acl modify / --users pxrun@pve --tokens 'pxrun@pve!laptop' --roles PxrunUser",
  ]);
  assert.deepEqual(
    setupActions(everything, NOTHING, false).map(({ undo = [] }) => commandLine(undo)),
    [
      "pveum role delete PxrunUser",
      "pveum user delete pxrun@pve",
      "pveum user token remove pxrun@pve laptop",
      "pveum acl delete / --users pxrun@pve --tokens 'pxrun@pve!laptop' --roles PxrunUser",
    ],
  );
});

Deno.test("setupActions() leaves a token that works, and replaces one whose secret is lost", () => {
  assert.deepEqual(lines(everything, done, true), []);
  assert.deepEqual(lines(everything, done), [
    "pveum user token remove pxrun@pve laptop",
    "pveum user token add pxrun@pve laptop --privsep 1",
    "pveum acl modify / --tokens 'pxrun@pve!laptop' --roles PxrunUser",
  ]);
});

Deno.test("setupActions() makes a pool, and holds the token, but not others, to it", () => {
  const access = { tokenName: "laptop", scope: { pool: "dev", storages: ["local"] } };
  const whom = "--users pxrun@pve --tokens 'pxrun@pve!laptop' --roles PxrunUser";
  assert.deepEqual(lines(access, done, true), [
    "pveum pool add dev",
    `pveum acl modify /pool/dev ${whom}`,
    `pveum acl modify /storage/local ${whom}`,
    `pveum acl modify /sdn/zones/localnetwork ${whom}`,
    "pveum acl delete / --tokens 'pxrun@pve!laptop' --roles PxrunUser",
  ]);
  assert.ok(
    !lines(access, { ...done, pools: ["dev"] }, true).some((line) => / pool add /.test(line)),
  );
});

Deno.test("setupActions() gives a role what it lacks, of what this version knows", () => {
  const role = new Set(PRIVILEGES.filter((name) => !/Clone|SDN/.test(name)));
  assert.deepEqual(lines(everything, { ...done, role }, true), [
    "pveum role modify PxrunUser --append 1 --privs VM.Clone,SDN.Use",
  ]);
  const known = new Set(PRIVILEGES.filter((name) => name !== "SDN.Use"));
  assert.deepEqual(lines(everything, { ...done, role, known }, true), [
    "pveum role modify PxrunUser --append 1 --privs VM.Clone",
  ]);
});

Deno.test("administratorScript() prints what setupActions() would run", () => {
  const script = administratorScript(everything);
  for (const line of lines(everything, NOTHING)) {
    assert.ok(script.includes(`\n${line.replace("ALL", PRIVILEGES.join(","))}\n`), line);
  }
});
