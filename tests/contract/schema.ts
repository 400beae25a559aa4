/** One parameter, as Proxmox's own schema declares it. */
export interface SchemaParameter {
  readonly type?: string;
  readonly optional?: number;
  readonly enum?: readonly string[];
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A Perl pattern. */
  readonly pattern?: string;
  /** A named format, or the keys of a property string. */
  readonly format?: string | Readonly<Record<string, SchemaParameter>>;
  readonly default_key?: number;
  readonly requires?: string;
}

/** `"METHOD /path/{name}"` → its parameters. */
export type Schema = Readonly<
  Record<
    string,
    {
      readonly parameters: { readonly properties: Readonly<Record<string, SchemaParameter>> };
      /** Proxmox's own form; absent: root@pam alone. */
      readonly permissions?: unknown;
    }
  >
>;

/** One request that was sent. */
export interface CheckedRequest {
  readonly method: string;
  /** Below /api2/json, its names percent-encoded where they need it. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

const FILE = new URL("./recordings/schema.json", import.meta.url);

/** Proxmox's own schema, reduced to the names, types, formats, limits and rights of its endpoints. */
export function readSchema(): Schema {
  return JSON.parse(Deno.readTextFileSync(FILE));
}

/** What is wrong with a request by the schema of the API; nothing when it is right. */
export function checkRequest(schema: Schema, { method, path, params }: CheckedRequest): string[] {
  const found = findEndpoint(schema, method, path);
  if (!found) return [`${method} ${path}: no such endpoint`];
  const properties = schema[found.endpoint]?.parameters.properties ?? {};
  const problems = checkObject(properties, { ...found.at, ...params }, "");
  return problems.map((problem) => `${method} ${path}: ${problem}`);
}

/** The endpoint of a request as the schema names it, `"GET /nodes/{node}/lxc"`. */
export function endpointOf(schema: Schema, method: string, path: string): string | undefined {
  return findEndpoint(schema, method, path)?.endpoint;
}

/** The endpoint with the most literal names that fits a path. */
function findEndpoint(
  schema: Schema,
  method: string,
  path: string,
): { endpoint: string; at: Record<string, string> } | undefined {
  const fits = Object.keys(schema).flatMap((endpoint) => {
    const [verb, template = ""] = endpoint.split(" ");
    const at = verb === method ? matchPath(template, path) : undefined;
    return at ? [{ endpoint, at }] : [];
  });
  return fits.sort((a, b) => Object.keys(a.at).length - Object.keys(b.at).length)[0];
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = [];
  const pattern = template.replace(/[.+]/g, "\\$&").replace(/\{([^}]+)\}/g, (_, name: string) => {
    names.push(name);
    return name === "volume" ? "(.+)" : "([^/]+)";
  });
  const match = new RegExp(`^${pattern}/?$`).exec(path);
  if (!match) return undefined;
  return Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? "")]));
}

function checkObject(
  schema: Readonly<Record<string, SchemaParameter>>,
  values: Readonly<Record<string, string>>,
  prefix: string,
): string[] {
  const missing = Object.entries(schema)
    .filter(([name, { optional }]) => !optional && !name.endsWith("[n]") && !(name in values))
    .map(([name]) => `${prefix}${name} is missing`);
  const wrong = Object.entries(values).flatMap(([name, value]) => {
    const parameter = schema[name] ?? schema[name.replace(/\d+$/, "[n]")];
    if (!parameter) return [`${prefix}${name} is no parameter`];
    const { requires } = parameter;
    return [
      ...(requires !== undefined && !(requires in values)
        ? [`${prefix}${name} requires ${requires}`]
        : []),
      ...checkValue(parameter, value, prefix + name),
    ];
  });
  return [...missing, ...wrong];
}

const TYPES: Readonly<Record<string, RegExp>> = {
  boolean: /^[01]$/,
  integer: /^-?\d+$/,
  number: /^-?\d+(\.\d+)?$/,
};

const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;

/** Formats that a wrong value would get past a client with. */
const NAMED: Readonly<Record<string, RegExp>> = {
  "pve-vmid": /^[1-9]\d{2,8}$/,
  "pve-node": /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  "pve-storage-id": /^[a-z][a-z0-9_.-]*[a-z0-9]$/i,
  "pve-configid": /^[a-z][\w-]+$/i,
  "pve-poolid": /^[\w.-]+(\/[\w.-]+)*$/,
  "pve-volume-id": /^[a-z][\w.-]*[a-z0-9]:.+$/i,
  "pve-tag": /^[a-z0-9_][a-z0-9_\-+.]*$/i,
  "pve-startup-order": /^((order=)?\d+|up=\d+|down=\d+)(,(up|down|order)=\d+)*$/,
  "dns-name": /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  "ipv4": new RegExp(`^${IPV4}$`),
  "ipv6": /^[0-9a-f:.]*:[0-9a-f:.]*$/i,
  "lxc-ip-with-ll-iface": /^[0-9a-f:.]+(%\w+)?$/i,
  "pve-ipv4-config": new RegExp(`^(dhcp|manual|${IPV4}/\\d{1,2})$`),
  "pve-ipv6-config": /^(auto|dhcp|manual|[0-9a-f:.]+\/\d{1,3})$/i,
  "mac-addr": /^[a-f0-9][02468ace](:[a-f0-9]{2}){5}$/i,
  "disk-size": /^\d+(\.\d+)?[KMGT]?$/,
  "pve-storage-content": /^(images|rootdir|vztmpl|iso|backup|snippets|import|none)$/,
  "pve-task-status-type": /^(ok|error|warning|unknown)$/,
  "pve-lxc-mp-string": /^(?!.*(^|\/)\.\.?(\/|$))/,
  "pve-lxc-dev-string": /^\/dev\/.+$/,
};

function checkValue(parameter: SchemaParameter, value: string, name: string): string[] {
  const { type = "string", minimum, maximum, minLength, maxLength, pattern, format } = parameter;
  if (TYPES[type]?.test(value) === false) return [`${name} is no ${type}: ${value}`];
  const tests: [boolean, string][] = [
    [minimum !== undefined && Number(value) < Number(minimum), `is below ${minimum}`],
    [maximum !== undefined && Number(value) > Number(maximum), `is above ${maximum}`],
    [minLength !== undefined && value.length < minLength, `is shorter than ${minLength}`],
    [maxLength !== undefined && value.length > maxLength, `is longer than ${maxLength}`],
    [parameter.enum?.includes(value) === false, `is none of ${parameter.enum?.join(", ")}`],
    [pattern !== undefined && !perlPattern(pattern).test(value), `does not match ${pattern}`],
    [typeof format === "string" && !fitsFormat(format, value), `is no ${format}`],
  ];
  const problems = tests.filter(([fails]) => fails).map(([, what]) => `${name} ${what}: ${value}`);
  return typeof format === "object" ? checkProperty(format, value, name) : problems;
}

function fitsFormat(format: string, value: string): boolean {
  const list = /^(.+)-list$/.exec(format)?.[1];
  const pattern = NAMED[list ?? format];
  const words = list === undefined ? [value] : value.split(/[,;\s]+/).filter((word) => word !== "");
  return pattern === undefined || words.every((word) => pattern.test(word));
}

/** A property string: `value,key=value,…`. */
function checkProperty(
  schema: Readonly<Record<string, SchemaParameter>>,
  value: string,
  name: string,
): string[] {
  const bare = Object.keys(schema).find((key) => schema[key]?.default_key) ?? "";
  const values: Record<string, string> = {};
  for (const part of value.split(",")) {
    const at = part.indexOf("=");
    const key = at < 0 ? bare : part.slice(0, at);
    if (key in values) return [`${name} names ${key} twice: ${value}`];
    values[key] = part.slice(at + 1);
  }
  return checkObject(schema, values, `${name}.`);
}

/** Perl's `(?^i:…)` groups as JavaScript writes them; a pattern covers the whole value. */
function perlPattern(pattern: string): RegExp {
  const groups = pattern.replace(/\(\?\^i:/g, "(?i:").replace(/\(\?\^:/g, "(?:")
    .replace(/\\@/g, "@").replace(/\\0/g, "\\x00");
  return new RegExp(`^(?:${groups})$`);
}
