import { PveError } from "../state/error.ts";
import type { Params } from "./route.ts";

const JSON_PM = "/usr/share/perl5/PVE/APIServer/AnyEvent.pm";

/**
 * A refusal below the API: its text is the whole body, and the reason phrase.
 */
export class WireError extends PveError {}

/** The parameters of a query or of a form. A repeated name makes a list. */
export function formParams(text: string): Params {
  const params: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    params[name] = name in params ? `${params[name]},${value}` : value;
  }
  return params;
}

/**
 * The parameters of a request's body.
 *
 * @throws {WireError} When it is in no form that is understood.
 */
export function bodyParams(contentType: string | undefined, text: string): Params {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return jsonParams(text);
  if (type === undefined || type === "application/x-www-form-urlencoded") return formParams(text);
  throw new WireError(506, `upload 'Content-Type '${type}' not implemented`);
}

function jsonParams(text: string): Params {
  const value = parse(text);
  if (Array.isArray(value)) {
    throw new WireError(500, `Not a HASH reference at ${JSON_PM} line 978.`);
  }
  return Object.fromEntries(
    Object.entries(value ?? {}).filter(([, item]) => item !== null)
      .map(([name, item]) => [name, plain(item)]),
  );
}

function parse(text: string): object | null {
  try {
    return JSON.parse(text);
  } catch {
    const what = text.trim() === ""
      ? "malformed JSON string, neither tag, array, object, number, string or atom"
      : `'"' expected`;
    const where = `at character offset ${text.length} (before "(end of string)")`;
    throw new WireError(500, `${what}, ${where} at ${JSON_PM} line 934.`);
  }
}

/** A JSON value as a parameter: true is 1, a list has commas. */
function plain(value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return Array.isArray(value) ? value.map(plain).join(",") : String(value);
}
