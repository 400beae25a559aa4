import { Secret } from "../../core/secret.ts";
import { classify } from "./classify.ts";
import { ProxmoxError } from "./errors.ts";
import type { ByteReply, ByteRequest, Method } from "./transport.ts";

/** Value of a request's parameter; undefined is left out. */
export type ParamValue = string | number | boolean | Secret | undefined;

/** A request's parameters, by Proxmox's names. */
export type Params = Readonly<Record<string, ParamValue>>;

/** Path of the API, below the base URL. */
const ROOT = "/api2/json";

/**
 * A path whose inserted values are encoded, so that none can leave its place:
 * `` path`/nodes/${node}/tasks/${upid}/status` ``.
 */
export function path(literals: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: literals }, ...values.map((value) => encode(String(value))));
}

/**
 * Parameters as `application/x-www-form-urlencoded`. Booleans are 1 and 0: a
 * form's `true` is refused.
 */
export function encodeForm(params: Params): string {
  return Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encode(name)}=${encode(textOf(value))}`)
    .join("&");
}

/**
 * One call as an HTTP request. GET and DELETE take their parameters in the
 * query, and a body would be refused; POST and PUT take a form, with its
 * length, since chunks would be refused.
 */
export function encodeRequest(method: Method, path: string, params: Params): ByteRequest {
  const form = encodeForm(params);
  if (method === "GET" || method === "DELETE") {
    return { method, path: ROOT + path + (form === "" ? "" : `?${form}`), headers: {} };
  }
  // The form is ASCII, so its length in characters is its length in bytes.
  return {
    method,
    path: ROOT + path,
    headers: {
      ...(form !== "" && { "content-type": "application/x-www-form-urlencoded" }),
      "content-length": String(form.length),
    },
    body: form,
  };
}

/**
 * The `data` of a reply.
 *
 * @param request What was asked, for the error: `GET /nodes`.
 * @throws {PxrunError} Whatever {@linkcode classify} makes of a refusal.
 */
export function decodeReply(request: string, reply: ByteReply): unknown {
  const envelope = parseEnvelope(reply.body);
  if (reply.status === 200 && envelope !== undefined && "data" in envelope) return envelope["data"];
  // The API never redirects and never says 404: a proxy or another service does.
  if (reply.status < 400 || reply.status === 404) throw notTheApi(request, reply);
  const message = envelope?.["message"];
  throw classify({
    request,
    status: reply.status,
    text: typeof message === "string" ? message : reply.reason,
    errors: textsOf(envelope?.["errors"]),
  });
}

function parseEnvelope(body: Uint8Array | string): Record<string, unknown> | undefined {
  try {
    const text = typeof body === "string" ? body : new TextDecoder().decode(body);
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // An empty body, or one in plain text: status and reason say enough.
  }
}

function textsOf(errors: unknown): Record<string, string> {
  if (!isRecord(errors)) return {};
  return Object.fromEntries(Object.entries(errors).map(([name, text]) => [name, String(text)]));
}

function notTheApi(request: string, { status, reason, headers }: ByteReply): ProxmoxError {
  const place = headers["location"] === undefined ? "" : ` to ${headers["location"]}`;
  const text = `${status} ${reason}${place} is no reply of the Proxmox API`;
  return new ProxmoxError(`${text} (${request})`, {
    status,
    text,
    hint: "check the host, its port (8006 unless a proxy is in front) and the path prefix",
  });
}

/** True if a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A parameter as a form or a command line has it. */
export function textOf(value: ParamValue): string {
  if (value instanceof Secret) return value.reveal();
  return typeof value === "boolean" ? (value ? "1" : "0") : String(value);
}

/** Half of a surrogate pair cannot be encoded: it becomes the replacement character. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
