import { resolve } from "node:path";
import type { ConfigChange } from "../config/edit.ts";
import { parseHost } from "../config/forms.ts";
import type { ContextConfig } from "../config/schema.ts";
import type { Path } from "../core/problem.ts";
import { reveal, Secret } from "../core/secret.ts";
import type { Platform } from "../core/platform.ts";
import { parseSshNodes } from "../ssh/route/node_address.ts";

/** What the environment says about SSH: in the config it holds without the environment too. */
export function sshFromEnv(
  { env, cwd }: Pick<Platform, "env" | "cwd">,
): NonNullable<ContextConfig["ssh"]> {
  const key = fullPath(env["SSH_KEY_PATH"], cwd);
  const knownHosts = fullPath(env["PXRUN_KNOWN_HOSTS"], cwd);
  const nodes = env["PXRUN_SSH_NODES"];
  return {
    ...(key && { key }),
    ...(knownHosts && { known_hosts: knownHosts }),
    ...(nodes && {
      nodes: Object.fromEntries(
        Array.from(parseSshNodes(nodes), ([name, { host, port, user }]) => {
          const at = host.includes(":") ? `[${host}]` : host;
          return [name, `${user ? `${user}@` : ""}${at}${port ? `:${port}` : ""}`];
        }),
      ),
    }),
  };
}

/** In the file a path is relative to the file. */
export function fullPath(path: string | undefined, cwd: string): string | undefined {
  return path && !path.startsWith("~/") ? resolve(cwd, path) : path;
}

/** The values of a context without those that were true of another host only. */
export function keptFor(host: string, existing: ContextConfig): ContextConfig {
  if (existing.host === undefined || parseHost(existing.host) === parseHost(host)) return existing;
  const { port: _port, fingerprint: _fingerprint, ca_file: _ca, ssh, ...kept } = existing;
  const { nodes: _nodes, ...login } = ssh ?? {};
  return { ...kept, ...(ssh && { ssh: login }) };
}

/**
 * What has to be changed in a config file so that a context has these values.
 *
 * @param known What it had when they were chosen: of that goes what is not among them.
 */
export function contextChanges(
  name: string,
  wanted: ContextConfig,
  existing: ContextConfig = {},
  known: ContextConfig = existing,
): ConfigChange[] {
  const old = new Map(leaves(existing, []).map(({ path, value }) => [path.join("\0"), value]));
  const set = leaves(wanted, [])
    .filter(({ path, value }) => {
      const before = old.get(path.join("\0"));
      return before === undefined || reveal(before) !== reveal(value);
    });
  const gone = lacking(wanted, known, [])
    .filter((path) => path.reduce(childOf, existing) !== undefined)
    .map((path) => ({ path, value: undefined }));
  return [...set, ...gone].map(({ path, value }) => ({ path: ["contexts", name, ...path], value }));
}

/** The paths of what one has and the other has not, each as high up as can be. */
function lacking(wanted: unknown, known: unknown, path: Path): Path[] {
  if (!isBranch(known)) return [];
  return Object.keys(known).flatMap((key) => {
    const child = childOf(wanted, key);
    return child === undefined
      ? [[...path, key]]
      : lacking(child, childOf(known, key), [...path, key]);
  });
}

function childOf(value: unknown, key: Path[number]): unknown {
  return isBranch(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Secret);
}

interface Leaf {
  readonly path: Path;
  readonly value: string | Secret;
}

function leaves(value: unknown, path: Path): Leaf[] {
  if (typeof value === "string" || value instanceof Secret) return [{ path, value }];
  if (!isBranch(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}
