import { join, resolve } from "node:path";
import type { World } from "../core/world.ts";

/** Where the config file is, and who said so. */
export interface ConfigPath {
  readonly path: string;
  /** Whether the user named it: then it must be there. */
  readonly named: boolean;
}

/**
 * The path of the config file: what `--config` names, then `PXRUN_CONFIG`, then the
 * platform's folder for such files. Undefined for a user without a home folder, and where
 * `PXRUN_CONFIG` is empty: then there is to be none.
 */
export function configPath(
  { env, home, cwd }: Pick<World, "env" | "home" | "cwd">,
  flag?: string,
): ConfigPath | undefined {
  const name = flag || env["PXRUN_CONFIG"];
  if (name === "") return undefined;
  if (name) return { path: resolve(cwd, name), named: true };
  const folder = env["XDG_CONFIG_HOME"] ||
    (env["OS"] === "Windows_NT" ? env["APPDATA"] : undefined) ||
    (home && join(home, ".config"));
  return folder ? { path: join(folder, "pxrun", "config.yaml"), named: false } : undefined;
}
