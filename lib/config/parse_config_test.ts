import assert from "node:assert/strict";
import { Secret } from "../core/secret.ts";
import { InvalidConfig, parseConfig } from "./parse_config.ts";

const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");

function problems(text: string, decrypted?: ReadonlyMap<string, Secret>): string[] {
  try {
    parseConfig(text, "c.yaml", decrypted);
  } catch (error) {
    assert.ok(error instanceof InvalidConfig, String(error));
    assert.equal(error.code, "USAGE");
    return error.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  }
  return [];
}

Deno.test("parseConfig() reads every key, with Secrets for what is encrypted", () => {
  const text = `current_context: home
contexts:
  home:
    host: pve.example
    port: 8006
    token_id: pxrun@pve!laptop
    token_secret: "ENC[1]"
    user: me@pam
    password: "ENC[2]"
    fingerprint: "${fingerprint}"
    ca_file: ~/ca.pem
    ssh: { user: root, key: ~/.ssh/id, known_hosts: kh, nodes: { pve01: "root@10.0.0.1:22" } }
    pool: dev/web
    defaults: { node: pve01, template: debian-13, storage_pool: fast, bridge: vmbr1, ssh_key: a.pub }
    tailscale: { api_key: "ENC[3]", tailnet: example.com, auth_key: "ENC[4]" }
  empty:
`;
  const secrets = ["token_secret", "password", "tailscale.api_key", "tailscale.auth_key"];
  const decrypted = new Map(secrets.map((key) => [`contexts.home.${key}`, new Secret(key)]));
  const { contexts, current_context } = parseConfig(text, "c.yaml", decrypted);
  assert.equal(current_context, "home");
  assert.equal(contexts["home"]?.token_secret?.reveal(), "token_secret");
  assert.equal(contexts["home"]?.tailscale?.auth_key?.reveal(), "tailscale.auth_key");
  assert.deepEqual(contexts["home"]?.ssh?.nodes, { pve01: "root@10.0.0.1:22" });
});

Deno.test("parseConfig() takes an encrypted value that is no secret as it is", () => {
  const decrypted = new Map([["contexts.a.host", new Secret("pve.example")]]);
  const { contexts } = parseConfig("contexts: { a: { host: 'ENC[x]' } }", "c.yaml", decrypted);
  assert.equal(contexts["a"]?.host, "pve.example");
});

Deno.test("parseConfig() takes a file without values as no configuration", () => {
  for (const text of ["", "\n", "# only a comment\n"]) {
    assert.deepEqual(parseConfig(text, "c.yaml"), { contexts: {} });
  }
});

Deno.test("parseConfig() tells all that is wrong at once, each with its place", () => {
  const text = `current_context: hom
contexts:
  home:
    hots: pve.example
    port: 99999
    token_id: pxrun
    fingerprint: AB:CD
    ssh: root
    defaults: { brigde: vmbr0, node: [a] }
`;
  assert.deepEqual(
    problems(text),
    [
      "4:5: contexts.home.hots is not a key; did you mean host?",
      "5:11: contexts.home.port must be a port from 1 to 65535",
      "6:15: contexts.home.token_id must be of the form user@realm!name",
      "7:18: contexts.home.fingerprint must be a SHA-256 fingerprint: 32 pairs of hexadecimal digits",
      "8:10: contexts.home.ssh must be a mapping of keys to values",
      "9:17: contexts.home.defaults.brigde is not a key; did you mean bridge?",
      "9:32: contexts.home.defaults.node must be a single value",
    ],
  );
  assert.deepEqual(problems("current_context: hom\ncontexts: { home: {}, a b: {} }\n"), [
    "1:18: current_context names no context of this file; did you mean home?",
    '2:23: contexts["a b"] must have a name of letters, digits, _ . and -',
  ]);
  assert.deepEqual(problems("contexts: [\n"), [
    "1:12: a bracket that was opened above is not closed before this line",
  ]);
  assert.deepEqual(problems("context: {}\n"), [
    "1:1: context is not a key; did you mean contexts?",
  ]);
});

Deno.test("parseConfig() refuses a secret in the clear, with the way to encrypt it, and shows none", () => {
  const text = "contexts:\n  home:\n    token_secret: MARK\n    tailscale: { auth_key: MARK }\n";
  assert.deepEqual(problems(text), [
    "3:19: contexts.home.token_secret holds a secret in plain text",
    "4:28: contexts.home.tailscale.auth_key holds a secret in plain text",
  ]);
  assert.throws(() => parseConfig(text, "c.yaml"), (error: unknown) => {
    assert.ok(error instanceof InvalidConfig);
    const remedy = { kind: "set-secret", path: "contexts.home.token_secret" };
    assert.deepEqual(error.remedies[0], remedy);
    assert.equal(error.hint?.match(/sops encrypt/g)?.length, 1);
    assert.match(error.hint ?? "", /sops encrypt --in-place --encrypted-regex '\^\(token_secret\|/);
    assert.ok(!JSON.stringify([error.problems, error.message, error.hint]).includes("MARK"));
    return true;
  });
});

Deno.test("parseConfig() tells an encrypted secret without its sops: part from one in the clear", () => {
  const text = 'contexts:\n  home:\n    token_secret: "ENC[AES256_GCM,data:x]"\n';
  assert.throws(() => parseConfig(text, "c.yaml"), {
    message: /home\.token_secret is encrypted, but the sops: part of the file is missing/,
    hint: /take the value out and set it again/,
  });
});
