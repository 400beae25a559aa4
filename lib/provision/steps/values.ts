import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Sensitive } from "../../recipe/schema/types.ts";

/** Contents of a file or script: text, perhaps secret, or the bytes of a local file. */
export type Content = Sensitive | Uint8Array;

/** The bytes of a content. */
export function bytesOf(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content;
  return new TextEncoder().encode(content instanceof Secret ? content.reveal() : content);
}

/**
 * Shell words that write these bytes to standard output. base64 survives every shell and every
 * encoding; `printf` is a builtin, so they stand in no argv.
 */
export function emit(bytes: Uint8Array): string {
  return `printf '%s\\n' '${bytes.toBase64()}' | base64 -d`;
}

/** The secrets among some values. */
export function secretsIn(values: Iterable<Content>): Secret[] {
  return [...values].filter((value) => value instanceof Secret);
}

/** The refusal of a value that no script can be made of. */
export function invalid(message: string, hint?: string): PxrunError {
  return new PxrunError("INVALID_RECIPE", message, { hint });
}
