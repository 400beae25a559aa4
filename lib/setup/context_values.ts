import { resolve } from "node:path";
import { type ConfigChange, isBranch, leavesAt, valueAt } from "../config/edit.ts";
import { parseHost } from "../config/forms.ts";
import type { ContextConfig } from "../config/types.ts";
import { changeConfig } from "../config/change_config.ts";
import { type ConfigPlatform, openConfig } from "../config/open_context.ts";
import { isPlainByChoice, plainSecrets } from "../config/parse_config.ts";
import type { Path } from "../core/problem.ts";
import { reveal } from "../core/secret.ts";
import type { Platform } from "../core/platform.ts";
import { parseSshNodes } from "../ssh/route/node_address.ts";

/** Settings of SSH in the environment: in the config they hold without the environment, too. */
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
 * Changes to a config file that give a context these values.
 *
 * @param known Its values when these were chosen: those that are not among them are removed.
 */
export function contextChanges(
  name: string,
  wanted: ContextConfig,
  existing: ContextConfig = {},
  known: ContextConfig = existing,
): ConfigChange[] {
  const old = new Map(leavesAt(existing).map(({ path, value }) => [path.join("\0"), value]));
  const set = leavesAt(wanted).filter(({ path, value = "" }) => {
    const before = old.get(path.join("\0"));
    return before === undefined || reveal(before) !== reveal(value);
  });
  const removed = lacking(wanted, known, [])
    .filter((path) => valueAt(existing, path) !== undefined)
    .map((path) => ({ path, value: undefined }));
  return [...set, ...removed].map(({ path, value }) => ({
    path: ["contexts", name, ...path],
    value,
  }));
}

/** The paths of what one lacks and the other has, each as high up as can be. */
function lacking(wanted: unknown, known: unknown, path: Path): Path[] {
  if (!isBranch(known)) return [];
  return Object.keys(known).flatMap((key) => {
    const child = valueAt(wanted, [key]);
    const at = [...path, key];
    return child === undefined ? [at] : lacking(child, valueAt(known, [key]), at);
  });
}

/**
 * Gives a context of a config file these values and makes it the current one. Other values and
 * contexts stay, also those that were written while questions were asked.
 *
 * @param known Its values when these were chosen.
 * @param plain True if the file is to hold its secrets unencrypted.
 * @returns True if there was anything to change.
 */
export async function writeContext(
  platform: ConfigPlatform,
  file: string,
  name: string,
  values: ContextConfig,
  known?: ContextConfig,
  plain = false,
): Promise<boolean> {
  const opened = await openConfig(platform, file, { adopt: true });
  const { current_context: current, contexts } = opened.config;
  const text = opened.text ?? "";
  const changes = [
    ...(plain && !isPlainByChoice(text) ? [{ path: ["encryption"], value: "none" }] : []),
    ...(current === name ? [] : [{ path: ["current_context"], value: name }]),
    ...contextChanges(name, values, contexts[name], known),
  ];
  // A secret in the clear is encrypted by any change, and so by none.
  const writes = changes.length > 0 || plainSecrets(text).size > 0 && !isPlainByChoice(text);
  if (writes) await changeConfig(platform, opened, changes);
  return writes;
}
