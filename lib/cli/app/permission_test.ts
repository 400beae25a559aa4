import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import { missingPermission } from "./permission.ts";

/** What Deno throws. */
function refusal(message: string): Error {
  return Object.assign(new Error(message), { name: "NotCapable" });
}

const cases: readonly (readonly [message: string, option: string])[] = [
  [
    'Requires net access to "pve01:8006", run again with the --allow-net flag',
    "--allow-net=pve01:8006",
  ],
  ['Requires run access to "ssh", run again with the --allow-run flag', "--allow-run=ssh"],
  [
    'Requires sys access to "hostname", run again with the --allow-sys flag',
    "--allow-sys=hostname",
  ],
  ["Requires run access, run again with the --allow-run flag", "--allow-run"],
  ['Requires read access to "/etc/a b", run again with the --allow-read flag', "--allow-read"],
  ['Requires env access to "HOME", run again with the --allow-env flag', "--allow-env"],
  [
    'Requires all access to "/proc/self/ns/pid", run again with the --allow-all flag',
    "--allow-all",
  ],
  ["said in another way", "--allow-all"],
];

for (const [message, option] of cases) {
  Deno.test(`missingPermission() names the flag: ${message}`, () => {
    const error = missingPermission(refusal(message));
    assert.equal(error?.code, "PERMISSION_DENIED");
    assert.ok(error.message.includes(option), error.message);
    assert.ok(error.hint?.startsWith(`add ${option} to`), error.hint);
  });
}

Deno.test("missingPermission() finds the refusal behind other errors, and nothing else", () => {
  const cause = refusal('Requires write access to "/x", run again with the --allow-write flag');
  const wrapped = new PxrunError("FAILED", "cannot write /x", {
    cause: new Error("no", { cause }),
  });
  assert.equal(missingPermission(wrapped)?.code, "PERMISSION_DENIED");
  const module = new TypeError(cases[4]?.[0]);
  assert.equal(missingPermission(module)?.code, "PERMISSION_DENIED");
  for (
    const other of [
      new Error("Requires net access"),
      "Requires net access",
      undefined,
      wrapped.message,
    ]
  ) {
    assert.equal(missingPermission(other), undefined);
  }
});

Deno.test("missingPermission() reads what Deno itself throws", async () => {
  const code = "try { Deno.readTextFileSync('/etc/hostname') } catch (error) " +
    "{ console.log(JSON.stringify([error.name, error.message])) }";
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", `data:text/javascript,${encodeURIComponent(code)}`],
  }).output();
  const [name, message] = JSON.parse(new TextDecoder().decode(stdout));
  const error = missingPermission(Object.assign(new Error(message), { name }));
  assert.ok(error?.message.includes("--allow-read"), `${name}: ${message}`);
});
