import type { Path } from "../../core/problem.ts";
import { Secret } from "../../core/secret.ts";

/** A text that does not stand in the file as it is: the field decides whether it stays a secret. */
export class GivenValue extends Secret {
  /** True if a variable in it was not looked up: the value then still holds its name. */
  readonly unknown: boolean;

  /**
   * @param value The text.
   * @param unknown True if a variable in it was not looked up.
   */
  constructor(value: string, unknown = false) {
    super(value);
    this.unknown = unknown;
  }
}

/** A text that `${NAME}` stood in, after the environment's values were put there. */
export class EnvValue extends GivenValue {
  /** The text as it was written, with `${NAME}` in it. */
  readonly reference: string;

  /**
   * @param value The text after the replacement.
   * @param reference The text before it.
   * @param unknown True if a variable was not looked up.
   */
  constructor(value: string, reference: string, unknown = false) {
    super(value, unknown);
    this.reference = reference;
  }
}

/** A text that is encrypted in the file. */
export class EncryptedValue extends GivenValue {}

/** A good name for the variable that holds the value at a path: `DB_PASSWORD`, `SSH_KEYS_0`. */
export function variableFor(path: Path): string {
  const from = path.findLastIndex((part) => typeof part === "string");
  // The name that Tailscale's own tools and the command line use.
  if (path[from] === "auth_key") return "TAILSCALE_AUTH_KEY";
  const name = path.slice(from).join("_").toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
  return /^[A-Z_]/.test(name) ? name : `_${name}`;
}
