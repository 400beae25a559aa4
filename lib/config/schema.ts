import * as v from "../../deps/valibot.ts";
import { reveal, Secret } from "../core/secret.ts";
import { tokenIdPattern } from "./forms.ts";
import { fingerprintPattern, parseHost } from "./forms.ts";
import { TAILNET_TAGS } from "./forms.ts";

/** The keys that hold secrets, as sops takes them. */
export const SECRET_KEYS = "^(token_secret|password|passphrase|api_key|auth_key)$";

/** Message about a secret that is not encrypted; the way out is a hint of its own. */
export const PLAIN_SECRET = "holds a secret in plain text";

/** Message about an encrypted secret in a file that lost what sops needs to decrypt it. */
export const LOST_SECRET = "is encrypted, but the sops: part of the file is missing";

/** A text; one that was encrypted although it is no secret is taken as it is. */
function text(must: string, test: (value: string) => boolean) {
  return v.exactOptional(
    v.pipe(
      v.custom<string | Secret>(
        (value) => typeof value === "string" || value instanceof Secret,
        "must be a single value",
      ),
      v.transform((value) => reveal(value).trim()),
      v.check(test, `must be ${must}`),
    ),
  );
}

function secret() {
  return v.exactOptional(
    v.custom<Secret>(
      (value) => value instanceof Secret,
      ({ input }) =>
        typeof input !== "string"
          ? "must be a single value"
          : input.startsWith("ENC[")
          ? LOST_SECRET
          : PLAIN_SECRET,
    ),
  );
}

function matching(must: string, pattern: RegExp) {
  return text(must, (value) => pattern.test(value));
}

const line = (what: string) => matching(what, /^[^\p{Cc}]+$/u);
const name = (what: string) => matching(`the name of ${what}`, /^[A-Za-z0-9][A-Za-z0-9._/-]*$/);
const word = (what: string) => matching(what, /^[^\s,=]+$/);

const context = v.strictObject({
  host: text(
    "a host, host:port or https:// URL",
    (value) => parseHost(value) !== undefined,
  ),
  port: text("a port from 1 to 65535", (value) =>
    /^\d{1,5}$/.test(value) && Number(value) >= 1 &&
    Number(value) <= 65535),
  token_id: matching("of the form user@realm!name", tokenIdPattern),
  token_secret: secret(),
  user: matching("of the form user@realm", /^[^\s@!]+@[A-Za-z][\w.-]*$/),
  password: secret(),
  fingerprint: matching(
    "a SHA-256 fingerprint: 32 pairs of hexadecimal digits",
    fingerprintPattern,
  ),
  ca_file: line("the path of a CA file"),
  ssh: v.exactOptional(v.strictObject({
    user: word("a user name"),
    key: line("the path of a private key file"),
    known_hosts: line("the path of a known_hosts file"),
    nodes: v.exactOptional(v.record(v.string(), v.unwrap(word("an address: [USER@]HOST[:PORT]")))),
  })),
  pool: name("a pool"),
  defaults: v.exactOptional(v.strictObject({
    node: name("a node"),
    template: matching("an alias, a file name or a volid", /^[A-Za-z0-9][A-Za-z0-9._+~:/-]*$/),
    storage_pool: name("a storage"),
    bridge: matching("the name of a bridge", /^[A-Za-z0-9_.-]{1,15}$/),
    ssh_key: line("a public key, or the path of a .pub file"),
  })),
  tailscale: v.exactOptional(v.strictObject({
    api_key: secret(),
    tailnet: word("the name of a tailnet"),
    auth_key: secret(),
    tags: matching("tags such as tag:server,tag:web", TAILNET_TAGS),
  })),
});

/** A config file; every key may be missing. */
export const configSchema = v.strictObject({
  current_context: matching("the name of a context", /^\S+$/),
  encryption: matching("none, or left out", /^none$/),
  contexts: v.optional(v.record(v.string(), context), {}),
});
