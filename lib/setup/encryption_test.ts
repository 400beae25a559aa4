import assert from "node:assert/strict";
import type { ConfigPlatform } from "../config/open_context.ts";
import type { Env } from "../core/platform.ts";
import { PxrunError } from "../core/errors.ts";
import { makeEncryption, planEncryption } from "./encryption.ts";

const key = "# created: today\n# public key: age1new\nAGE-SECRET-KEY-1NEW\n";
const encrypted =
  "password: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]\nsops:\n  mac: x\n";

interface Machine {
  readonly platform: ConfigPlatform;
  readonly files: Map<string, string>;
  readonly ran: string[];
}

/** A machine with sops and age that answer as they do, and files in memory. */
function machine(files: Readonly<Record<string, string>> = {}, env: Env = {}): Machine {
  const all = new Map(Object.entries(files));
  const ran: string[] = [];
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const answer = (program: string, args: readonly string[]): string => {
    if (program === "sops") return args.includes("decrypt") ? '{"password":"probe"}' : encrypted;
    return args[0] === "-y" ? "age1old\n" : key;
  };
  const platform: ConfigPlatform = {
    env,
    home: "/home/me",
    cwd: "/",
    files: {
      read: (path) => Promise.resolve(all.has(path) ? bytes(all.get(path) ?? "") : undefined),
      write: () => assert.fail("nothing is written openly"),
      appendLine: (path, line) =>
        Promise.resolve(void all.set(path, `${all.get(path) ?? ""}${line}\n`)),
    },
    privateFiles: {
      mode: () => Promise.resolve(0o600),
      replace: (path, data) => Promise.resolve(void all.set(path, data)),
      tryReplace: () => Promise.resolve(),
      remove: (path) => Promise.resolve(void all.delete(path)),
    },
    run: (program, args) => {
      ran.push([program, ...args].join(" "));
      return Promise.resolve({
        code: 0,
        stdout: bytes(answer(program, args)),
        stderr: bytes(""),
      });
    },
  };
  return { platform, files: all, ran };
}

const file = "/home/me/.config/pxrun/config.yaml";
const none = { file, text: undefined, config: { contexts: {} } };
const rulesFile = "/home/me/.config/pxrun/.sops.yaml";

Deno.test("planEncryption() has a key made at sops' own place, which depends on the system", async () => {
  for (
    const [system, env, keyFile] of [
      ["linux", {}, "/home/me/.config/sops/age/keys.txt"],
      ["linux", { XDG_CONFIG_HOME: "/xdg" }, "/xdg/sops/age/keys.txt"],
      ["darwin", {}, "/home/me/Library/Application Support/sops/age/keys.txt"],
      ["darwin", { XDG_CONFIG_HOME: "/xdg" }, "/xdg/sops/age/keys.txt"],
      ["linux", { SOPS_AGE_KEY_FILE: "/mine" }, "/mine"],
    ] as const
  ) {
    const { platform } = machine({}, env);
    const plan = await planEncryption(platform, none, system);
    assert.deepEqual(plan, { keyFile, recipient: undefined, rulesFile });
  }
});

Deno.test("planEncryption() needs nothing made where there are rules, recipients or ciphertext", async () => {
  const rules = machine({ "/home/me/.sops.yaml": "creation_rules: []" });
  assert.equal(await planEncryption(rules.platform, none, "linux"), undefined);
  assert.match(rules.ran[1] ?? "", /^sops --config \/home\/me\/\.sops\.yaml encrypt /);
  assert.match(rules.ran[2] ?? "", /^sops decrypt /);
  const named = machine({}, { SOPS_AGE_RECIPIENTS: "age1x" });
  assert.equal(await planEncryption(named.platform, none, "linux"), undefined);
  const there = machine();
  assert.equal(
    await planEncryption(there.platform, { ...none, text: encrypted }, "linux"),
    undefined,
  );
  assert.deepEqual(there.ran, []);
});

Deno.test("makeEncryption() makes the key and the rules, and tries them", async () => {
  const { platform, files, ran } = machine();
  const plan = await planEncryption(platform, none, "linux");
  assert.deepEqual([...files.keys()], [], "planning writes nothing");
  assert.ok(plan !== undefined);
  await makeEncryption(platform, file, plan);
  assert.equal(files.get(plan.keyFile), key);
  assert.match(files.get(rulesFile) ?? "", /^creation_rules:\n {2}- age: age1new\n$/m);
  assert.match(ran.at(-1) ?? "", /^sops decrypt /);
});

Deno.test("makeEncryption() takes the key that is there, and leaves it as it is", async () => {
  const keyFile = "/home/me/.config/sops/age/keys.txt";
  const { platform, files } = machine({ [keyFile]: "AGE-SECRET-KEY-1OLD\n" });
  const plan = await planEncryption(platform, none, "linux");
  assert.equal(plan?.recipient, "age1old");
  await makeEncryption(platform, file, plan);
  assert.equal(files.get(keyFile), "AGE-SECRET-KEY-1OLD\n");
  assert.match(files.get(rulesFile) ?? "", /age: age1old$/m);
});

Deno.test("planEncryption() leaves a key file that it cannot read, and says so", async () => {
  const keyFile = "/home/me/.config/sops/age/keys.txt";
  const { platform } = machine({ [keyFile]: "junk" });
  const run: ConfigPlatform["run"] = async (program, args, options) => {
    const result = await platform.run(program, args, options);
    return result && args[0] === "-y" ? { ...result, code: 1, stdout: new Uint8Array() } : result;
  };
  const error = await planEncryption({ ...platform, run }, none, "linux").catch((error) => error);
  assert.ok(error instanceof PxrunError);
  assert.match(error.message, /cannot read an age key from .*keys\.txt/);
});
