/** Text that stands for every secret wherever it is printed. */
export const DOTS = "••••";

/**
 * A value that must not be seen. It prints as dots in strings, JSON, logs and
 * inspection; only {@linkcode Secret.reveal} gives the value back.
 *
 * @example A secret does not print
 * ```ts
 * import { Secret } from "../../mod.ts";
 * import assert from "node:assert/strict";
 *
 * const token = new Secret("hunter2");
 * assert.equal(`token ${token}`, "token ••••");
 * assert.equal(JSON.stringify({ token }), '{"token":"••••"}');
 * assert.equal(token.reveal(), "hunter2");
 * ```
 *
 * @category Recipes
 */
export class Secret {
  readonly #value: string;

  /** @param value The text to keep. */
  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  /** Dots. */
  toString(): string {
    return DOTS;
  }

  /** Dots. */
  toJSON(): string {
    return DOTS;
  }

  /** Dots, in `Deno.inspect` and `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return DOTS;
  }

  /** Dots, in Node's `util.inspect`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return DOTS;
  }
}

/**
 * The text of a value that may be a secret, for the one place that sends it.
 *
 * @param value A secret, or a text that is none.
 * @returns The text itself.
 *
 * @example Both become text
 * ```ts
 * import { reveal, Secret } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * assert.equal(reveal(new Secret("a")) + reveal("b"), "ab");
 * ```
 *
 * @category Recipes
 */
export function reveal(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}
