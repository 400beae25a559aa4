import { DOTS, Secret } from "../core/secret.ts";
import {
  fingerprintPattern,
  parseHost,
  TAILNET,
  TAILNET_TAGS,
  tokenIdPattern,
  userPattern,
} from "./forms.ts";
import { isSecretPath } from "./parse_config.ts";

const NODE = /^[^=\s]+\s*=\s*(?:[^\s,=@:]+@)?(?:\[[\da-f:.%]+\]|[^\s:@[\]=/]+)(?::\d{1,5})?$/i;

/** A file: a password behind its user, and a secret behind its token, have a colon or a `!`. */
const FILE = /^(?:[A-Za-z]:)?[^:!]*$/;
const NAME = /^[\w./-]*$/;
const TEMPLATE = /^(?:[\w.-]+:vztmpl\/)?[\w.+-]+$/;
const PUBLIC_KEY = /^(?:sk-)?(?:ssh|ecdsa)-\S+ \S+/;

/** The forms of all settings that are no secrets, by their path in a context. */
const forms: Readonly<Record<string, (text: string) => boolean>> = {
  host: (text) => parseHost(text) !== undefined,
  token_id: (text) => tokenIdPattern.test(text),
  user: (text) => userPattern.test(text.includes("@") ? text : `${text}@pam`),
  fingerprint: (text) => fingerprintPattern.test(text.trim()),
  verify_ssl: (text) => NAME.test(text),
  ca_file: (text) => FILE.test(text),
  "ssh.user": (text) => /^[^\s,=@:]+$/.test(text),
  "ssh.key": (text) => FILE.test(text),
  "ssh.known_hosts": (text) => FILE.test(text),
  "ssh.nodes": (text) => text.split(",").every((part) => NODE.test(part.trim())),
  pool: (text) => NAME.test(text),
  "defaults.node": (text) => NAME.test(text),
  "defaults.template": (text) => TEMPLATE.test(text),
  "defaults.storage_pool": (text) => NAME.test(text),
  "defaults.bridge": (text) => NAME.test(text),
  "defaults.ssh_key": (text) => FILE.test(text) || PUBLIC_KEY.test(text),
  "tailscale.tailnet": (text) => TAILNET.test(text),
  "tailscale.tags": (text) => TAILNET_TAGS.test(text.replaceAll(/\s/g, "")),
};

/** Shown instead of a value that is not of the form of its setting: it may be a secret. */
export const MALFORMED = "(malformed)";

/**
 * The value of a setting as it may be shown: a secret as dots; nothing of what may be one that was
 * typed into the wrong place.
 */
export function shownValue(name: string, value: string | Secret): string {
  // A secret of the environment is a plain text there.
  if (value instanceof Secret || isSecretPath(name.split("."))) return DOTS;
  return forms[name]?.(value) ? value : MALFORMED;
}
