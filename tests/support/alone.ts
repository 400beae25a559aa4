import { join } from "node:path";
import type { Env } from "../../lib/core/platform.ts";

/**
 * What a program of a test's gets of this process's environment: where programs, packages and
 * temporary files are, and nothing that is the user's own.
 */
const KEPT = /^(PATH|TMPDIR|LANG|DENO_TLS_CA_STORE|NODE_EXTRA_CA_CERTS|npm_config_registry)$/i;

/**
 * The whole environment of a program that a test starts. Of the person who runs the tests it has no
 * home directory, configuration, SSH agent, keys, proxies or credentials.
 *
 * @param more Variables of the test's own.
 */
export function aloneEnv(more: Env = {}): Record<string, string> {
  const own = Deno.env.toObject();
  return present({
    ...Object.fromEntries(Object.entries(own).filter(([name]) => KEPT.test(name))),
    // Where Deno keeps packages: without it every program would fetch them again.
    DENO_DIR: own["DENO_DIR"] ??
      join(own["XDG_CACHE_HOME"] ?? join(own["HOME"] ?? "", ".cache"), "deno"),
    HOME: "/nonexistent",
    PXRUN_SSH_CONFIG: "none",
    ...more,
  });
}

/** Options of `Deno.Command` for a program with {@linkcode aloneEnv}. */
export function alone(more: Env = {}): { clearEnv: true; env: Record<string, string> } {
  return { clearEnv: true, env: aloneEnv(more) };
}

/** The variables that have a value. */
export function present(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
}
