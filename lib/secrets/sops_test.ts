import assert from "node:assert/strict";
import { Interrupted, PxrunError } from "../core/errors.ts";
import type { RunProcess } from "../core/platform.ts";
import { decrypt, encrypt, setValue } from "./sops.ts";

const enc = (type: string): string => `ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:${type}]`;
const file = `a: clear
list:
  - b: ${enc("str")}
  - ${enc("int")}
flag: ${enc("bool")}
sops:
  age:
    - recipient: age1abc
      enc: x
  mac: ${enc("str")}
`;

interface Call {
  readonly args: readonly string[];
  readonly stdin: unknown;
}

function fake(
  { code = 0, stdout = "", stderr = "" }: { code?: number; stdout?: string; stderr?: string },
): { run: RunProcess; calls: Call[] } {
  const calls: Call[] = [];
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return {
    calls,
    run(program, args, options) {
      assert.equal(program, "sops");
      calls.push({ args, stdin: options?.stdin });
      return Promise.resolve({ code, stdout: encode(stdout), stderr: encode(stderr) });
    },
  };
}

async function failure(result: Promise<unknown>): Promise<PxrunError> {
  const error = await result.then(() => undefined, (error) => error);
  assert.ok(error instanceof PxrunError, String(error));
  return error;
}

Deno.test("decrypt() gives the value of every encrypted leaf as a Secret, by path", async () => {
  const { run, calls } = fake({
    stdout: `{"a":"clear","list":[{"b":"s3"},12345678901234567890],"flag":true}`,
  });
  const leaves = await decrypt(run, file, "x.yaml");
  assert.deepEqual([...leaves].map(([path, secret]) => [path, secret.reveal()]), [
    ["list[0].b", "s3"],
    ["list[1]", "12345678901234567890"],
    ["flag", "true"],
  ]);
  assert.deepEqual(calls, [{
    args: ["decrypt", "--input-type", "yaml", "--output-type", "json"],
    stdin: file,
  }]);
});

Deno.test("decrypt() says what an exit status of sops means, and never its words", async () => {
  const stderr = 'strconv.Atoi: parsing "MARK": invalid syntax';
  for (
    const [code, expected, message] of [
      [51, "UNTRUSTED", /MAC does not match/],
      [52, "UNTRUSTED", /MAC does not match/],
      [25, "UNTRUSTED", /changed or moved/],
      [128, "UNAUTHORIZED", /none of its keys is here \(it is encrypted for age1abc\)/],
      [203, "FAILED", /encrypted already/],
      [1, "FAILED", /ended with status 1/],
    ] as const
  ) {
    const error = await failure(decrypt(fake({ code, stderr }).run, file, "x.yaml"));
    assert.equal(error.code, expected);
    assert.match(error.message, message);
    assert.match(error.message, /^cannot decrypt x\.yaml: /);
    assert.ok(!`${error.message}${error.hint}${error.cause}`.includes("MARK"));
  }
});

Deno.test("decrypt() knows the failures that share one exit status", async () => {
  for (
    const [stderr, message, hint] of [
      ["sops metadata not found", /not one that sops wrote/, /another name/],
      [
        "config file not found, or has no creation rules, and no keys provided",
        /for whom/,
        /age-k/,
      ],
      ["error loading config: no matching creation rules found", /for whom/, /age-keygen/],
      ["cannot use more than one of encrypted_suffix", /rule in \.sops\.yaml/, /leave/],
      ["malformed recipient", /not a public key/, /age1/],
      ["flag provided but not defined: -value-stdin", /too old/, /3\.11/],
    ] as const
  ) {
    const error = await failure(decrypt(fake({ code: 1, stderr }).run, file, "x.yaml"));
    assert.match(error.message, message);
    assert.match(error.hint ?? "", hint);
  }
});

Deno.test("decrypt() takes a Ctrl-C that sops was the first to see for one", async () => {
  const error = await failure(decrypt(fake({ code: 130 }).run, file, "x.yaml"));
  assert.ok(error instanceof Interrupted, String(error));
});

Deno.test("decrypt() ends with its signal, and ends sops", async () => {
  const stop = new AbortController();
  let given: AbortSignal | undefined;
  const hanging: RunProcess = (_program, _args, options) => {
    given = options?.signal;
    return new Promise(() => {});
  };
  const decrypting = failure(decrypt(hanging, file, "x.yaml", stop.signal));
  stop.abort(new Interrupted("the list"));
  assert.equal((await decrypting).code, "INTERRUPTED");
  assert.equal(given?.aborted, true);
});

Deno.test("decrypt() says where to get sops when it is not there", async () => {
  const error = await failure(decrypt(() => Promise.resolve(undefined), file, "x.yaml"));
  assert.match(error.message, /sops is not installed/);
  assert.match(error.hint ?? "", /getsops\.io/);
});

Deno.test("decrypt() does not quote an answer that it cannot read", async () => {
  const error = await failure(decrypt(fake({ stdout: '{"a": MARK' }).run, file, "x.yaml"));
  assert.ok(!`${error.message}${error.hint}${error.cause}${error.stack}`.includes("MARK"));
});

Deno.test("encrypt() hands the text over by standard input, with its rule", async () => {
  const { run, calls } = fake({ stdout: file });
  const options = { name: "/c.yaml", encryptedRegex: "^b$", config: "/.sops.yaml" };
  assert.equal(await encrypt(run, "b: MARK\n", options), file);
  assert.equal(calls[0]?.stdin, "b: MARK\n");
  const args = calls[0]?.args.join(" ") ?? "";
  assert.match(args, /^--config \/\.sops\.yaml encrypt --filename-override \/c\.yaml /);
  assert.match(args, / --encrypted-regex \^b\$$/);
  assert.ok(!args.includes("MARK"));
});

Deno.test("encrypt() refuses a rule whose MAC leaves clear values out", async () => {
  const { run } = fake({ stdout: `a: b\nsops:\n  mac_only_encrypted: true\n` });
  const error = await failure(encrypt(run, "a: b", { name: "c", encryptedRegex: "^b$" }));
  assert.match(error.message, /mac_only_encrypted/);
});

Deno.test("setValue() hands the value over by standard input, and its place as an index", async () => {
  const { run, calls } = fake({});
  await setValue(run, { file: "/c", name: "c", text: file }, ["list", 0, "b"], 'a"MARK');
  assert.equal(calls[0]?.stdin, '"a\\"MARK"');
  assert.deepEqual(calls[0]?.args.slice(-2), ["/c", '["list"][0]["b"]']);
});
