import { resolve } from "node:path";
import type { ConfigChange } from "../../config/edit.ts";
import type { ContextConfig } from "../../config/schema.ts";
import type { Path } from "../../core/problem.ts";
import { reveal, Secret } from "../../core/secret.ts";
import type { World } from "../../core/world.ts";
import { parseSshNodes } from "../../ssh/node_address.ts";

/** What the environment says about SSH: in the config it holds without the environment too. */
export function sshFromEnv(
  { env, cwd }: Pick<World, "env" | "cwd">,
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

/** What has to be changed in a config file so that a context has these values. */
export function contextChanges(
  name: string,
  wanted: ContextConfig,
  existing: ContextConfig = {},
): ConfigChange[] {
  const old = new Map(leaves(existing, []).map(({ path, value }) => [path.join("\0"), value]));
  return leaves(wanted, [])
    .filter(({ path, value }) => {
      const before = old.get(path.join("\0"));
      return before === undefined || reveal(before) !== reveal(value);
    })
    .map(({ path, value }) => ({ path: ["contexts", name, ...path], value }));
}

function leaves(value: unknown, path: Path): ConfigChange[] {
  if (typeof value === "string" || value instanceof Secret) return [{ path, value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}
