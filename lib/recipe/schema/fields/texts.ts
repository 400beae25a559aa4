import { type Kind, orReference, type Reader, Refused } from "./field.ts";

/** Any text, on one line unless `lines` is set. */
export function text(
  options: { max?: number; lines?: boolean; empty?: boolean } = {},
): Kind<string> {
  const { max = 4096, lines = false, empty = false } = options;
  // Also a number in a file, which editors see as one.
  const type = ["string", "number", "boolean"];
  return texts({ type, ...(empty ? {} : { minLength: 1 }), maxLength: max }, (value) => {
    if (value.trim() === "" && !empty) return new Refused("must not be empty");
    if (value.length > max) return new Refused(`must have at most ${max} characters`);
    if (!lines && hasControls(value)) return new Refused("must be one line of plain text");
    return value;
  });
}

/**
 * A text of a certain form.
 *
 * @param pattern What the whole text must match; it stands in the JSON Schema too.
 * @param must What the form is, after "must be".
 */
export function matching(pattern: string, must: string, max = 255): Kind<string> {
  const form = new RegExp(pattern, "u");
  return texts({ type: ["string", "number"], pattern: orReference(pattern) }, (value) => {
    if (value.length > max) return new Refused(`must have at most ${max} characters`);
    return form.test(value) ? value : new Refused(`must be ${must}`);
  });
}

/** A text field; an unknown variable stands in it as it was written. */
export function texts(
  keywords: Readonly<Record<string, unknown>>,
  read: Reader<string>,
): Kind<string> {
  return { keywords, read, blank: (reference) => reference };
}

/** True if a text holds characters that steer a terminal or end a line. */
export function hasControls(value: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[\u0000-\u001f\u007f-\u009f]/.test(value);
}
