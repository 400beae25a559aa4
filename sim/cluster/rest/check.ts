import { splitList } from "../state/property.ts";
import { FORMATS } from "./formats.ts";

/** Schema of one parameter. A parameter is required unless it says otherwise. */
export interface Param {
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly optional?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly pattern?: RegExp;
  /** A named format, `-list` behind it for a list of those; or the keys of a property string. */
  readonly format?: string | Schema;
  /** In a property string: the key that may stand without its name. */
  readonly bare?: boolean;
}

/** Parameters by name; `net[n]` stands for net0, net1, … */
export type Schema = Readonly<Record<string, Param>>;

/** Problem of each wrong parameter. */
export type Errors = Record<string, string>;

const UNKNOWN =
  "property is not defined in schema and the schema does not allow additional properties";
const MISSING = "property is missing and it is not optional";

/** Checks parameters against their schema, in the words of Proxmox. */
export function checkParams(schema: Schema, params: Readonly<Record<string, string>>): Errors {
  return checkObject(schema, params, "");
}

function checkObject(
  schema: Schema,
  values: Readonly<Record<string, string>>,
  path: string,
): Errors {
  const errors: Errors = {};
  for (const [name, param] of Object.entries(schema)) {
    if (!param.optional && !name.endsWith("[n]") && values[name] === undefined) {
      errors[path + name] = MISSING;
    }
  }
  for (const [name, value] of Object.entries(values)) {
    const param = schema[name] ?? schema[name.replace(/\d+$/, "[n]")];
    const error = param ? checkValue(param, value, path + name) : UNKNOWN;
    if (error !== undefined) errors[path + name] = error;
  }
  return errors;
}

function checkValue(param: Param, value: string, path: string): string | undefined {
  return checkType(param.type, value) ?? checkFormat(param.format, value, path) ??
    checkLimits(param, value);
}

function checkType(type: Param["type"], value: string): string | undefined {
  const fits = {
    string: /^/,
    boolean: /^[01]$/,
    integer: /^[+-]?\d+$/,
    number: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  }[type].test(value);
  return fits ? undefined : `type check ('${type}') failed - got '${value}'`;
}

function checkFormat(format: Param["format"], value: string, path: string): string | undefined {
  if (format === undefined) return undefined;
  const error = typeof format === "string"
    ? namedFormat(format, value)
    : checkProperty(format, value, path);
  return error === undefined ? undefined : `invalid format - ${error}`;
}

function namedFormat(name: string, value: string): string | undefined {
  const list = /^(.+)-list$/.exec(name)?.[1];
  const check = FORMATS[list ?? name];
  if (!check) return undefined;
  const words = list === undefined ? [value] : splitList(value);
  const error = words.map(check).find((error) => error !== undefined);
  return error === undefined ? undefined : `${error}\n`;
}

function checkProperty(schema: Schema, value: string, path: string): string | undefined {
  const bare = Object.keys(schema).find((name) => schema[name]?.bare);
  const values: Record<string, string> = {};
  for (const part of value.split(",").filter((part) => part.trim() !== "")) {
    const at = part.indexOf("=");
    const key = at < 0 ? bare : part.slice(0, at);
    if (key === undefined) return "value without key, but schema does not define a default key\n";
    if (at === 0 || at === part.length - 1) return "missing key in comma-separated list property\n";
    if (values[key] !== undefined) {
      return `duplicate key in comma-separated list property: ${key}\n`;
    }
    values[key] = booleanWord(schema[key], part.slice(at + 1));
  }
  const errors = Object.entries(checkObject(schema, values, `${path}.`));
  if (errors.length === 0) return undefined;
  return ["format error", ...errors.map(([name, error]) => `${name}: ${error}`), ""].join("\n");
}

/** Inside property strings, booleans may be words. */
function booleanWord(param: Param | undefined, value: string): string {
  if (param?.type !== "boolean") return value;
  if (/^(on|yes|true)$/i.test(value)) return "1";
  return /^(off|no|false)$/i.test(value) ? "0" : value;
}

function checkLimits(param: Param, value: string): string | undefined {
  const { min, max, minLength, maxLength } = param;
  if (min !== undefined && Number(value) < min) return `value must have a minimum value of ${min}`;
  if (max !== undefined && Number(value) > max) return `value must have a maximum value of ${max}`;
  if (minLength !== undefined && value.length < minLength) {
    return `value must be at least ${minLength} characters long`;
  }
  if (maxLength !== undefined && value.length > maxLength) {
    return `value may only be ${maxLength} characters long`;
  }
  if (param.pattern && !param.pattern.test(value)) {
    return "value does not match the regex pattern";
  }
  if (param.enum && !param.enum.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${param.enum.join(", ")}'`;
  }
  return undefined;
}
