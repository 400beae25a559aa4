/**
 * Characters that a terminal obeys or that make a text look like another one: control
 * characters (C0 and C1), format characters (bidi, zero width, tags), halves of pairs, and the
 * line ends of Unicode.
 */
const HOSTILE = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** The same and line ends, for what has to stay on one line. */
const HOSTILE_IN_LINE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Characters that most texts consist of; tested first, as that is many times as fast. */
const HARMLESS = /^[\n\t -~]*$/;

/**
 * Text from elsewhere as it can be shown: what a terminal would obey stands there as `\u001b`,
 * as in JSON, so that it can be read and JSON stays JSON. Line ends and tabs stay.
 *
 * Every {@linkcode PxrunError} holds its texts in this form already.
 */
export function plain(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(HOSTILE, escaped);
}

/** The same on one line. */
export function plainLine(text: string): string {
  return text.replace(HOSTILE_IN_LINE, escaped);
}

/**
 * A copy of plain data with every text in it made plain; what has a class of its own is left as
 * it is.
 */
export function plainData<T>(data: T): T;
export function plainData(data: unknown): unknown {
  if (typeof data === "string") return plain(data);
  if (Array.isArray(data)) return data.map((item) => plainData(item));
  return isPlainObject(data) ? mapped(data, (value) => plainData(value)) : data;
}

/** The same with every text on one line, for rows of a table. */
export function plainRow<T>(data: T): T;
export function plainRow(data: unknown): unknown {
  if (typeof data === "string") return plainLine(data);
  if (Array.isArray(data)) return data.map((item) => plainRow(item));
  return isPlainObject(data) ? mapped(data, (value) => plainRow(value)) : data;
}

function isPlainObject(data: unknown): data is Readonly<Record<string, unknown>> {
  if (typeof data !== "object" || data === null) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}

function mapped(
  data: Readonly<Record<string, unknown>>,
  map: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [plain(key), map(value)]));
}

/** As JSON writes it: what is beyond four digits is two of them. */
function escaped(char: string): string {
  return char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
