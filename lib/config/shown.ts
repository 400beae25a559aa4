import { DOTS, Secret } from "../core/secret.ts";
import { withoutPasswords } from "../core/without_passwords.ts";
import { tokenIdPattern, userPattern } from "./forms.ts";
import { isSecretPath } from "./parse_config.ts";
import { fingerprintPattern, parseHost } from "./forms.ts";
import { TAILNET, TAILNET_TAGS } from "./forms.ts";

const NODE = /^[^=\s]+\s*=\s*(?:[^\s,=@:]+@)?(?:\[[\da-f:.%]+\]|[^\s:@[\]=/]+)(?::\d{1,5})?$/i;

/** The forms of settings that have one, by their path in a context. */
const forms: Readonly<Record<string, (text: string) => boolean>> = {
  host: (text) => parseHost(text) !== undefined,
  token_id: (text) => tokenIdPattern.test(text),
  user: (text) => userPattern.test(text.includes("@") ? text : `${text}@pam`),
  fingerprint: (text) => fingerprintPattern.test(text.trim()),
  "ssh.user": (text) => /^[^\s,=@:]+$/.test(text),
  "ssh.nodes": (text) => text.split(",").every((part) => NODE.test(part.trim())),
  "tailscale.tailnet": (text) => TAILNET.test(text),
  "tailscale.tags": (text) => TAILNET_TAGS.test(text.replaceAll(/\s/g, "")),
};

/** Shown instead of a value that is not of the form of its setting: it may be a secret. */
export const MALFORMED = "(malformed)";

/**
 * The value of a setting as it may be shown: a secret as dots, and so what may be one that was
 * typed into the wrong place.
 */
export function shownValue(name: string, value: string | Secret): string {
  // A secret of the environment is a plain text there.
  if (value instanceof Secret || isSecretPath(name.split("."))) return DOTS;
  return forms[name]?.(value) === false ? MALFORMED : withoutPasswords(value);
}
