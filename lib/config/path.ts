import { join, resolve } from "node:path";
import type { Platform } from "../core/platform.ts";

/** Path of the config file, and its source. */
export interface ConfigPath {
  readonly path: string;
  /** True if the user named it: then it must be there. */
  readonly named: boolean;
}

/**
 * The path of the config file: what `--config` names, then `PXRUN_CONFIG`, then the
 * platform's directory for such files. Undefined for a user without a home directory, and where
 * `PXRUN_CONFIG` is empty: then there is to be none.
 */
export function configPath(
  { env, home, cwd }: Pick<Platform, "env" | "home" | "cwd">,
  flag?: string,
): ConfigPath | undefined {
  const name = flag || env["PXRUN_CONFIG"];
  if (name === "") return undefined;
  if (name) return { path: resolve(cwd, name), named: true };
  const directory = env["XDG_CONFIG_HOME"] ||
    (env["OS"] === "Windows_NT" ? env["APPDATA"] : undefined) ||
    (home && join(home, ".config"));
  return directory ? { path: join(directory, "pxrun", "config.yaml"), named: false } : undefined;
}
