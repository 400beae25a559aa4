import { limits } from "../core/limits.ts";
import { plainSecrets } from "../config/parse_config.ts";
import { configPath } from "../config/path.ts";
import { type OpenContext, resolveSettings } from "../config/resolve.ts";
import type { Setting, SettingsOverrides } from "../config/resolve.ts";
import { shownValue } from "../config/shown.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { type ContextChoice, openContext } from "../config/open_context.ts";
import { isOlder } from "../core/versions.ts";
import { untilAborted, within } from "../core/within.ts";
import type { Platform } from "../core/platform.ts";
import { isEncrypted } from "../secrets/mod.ts";
import { type Finding, findingsOf, type ShownSetting } from "./finding.ts";

/** Content of the configuration, when it is enough. */
export interface Configured {
  readonly context: OpenContext | undefined;
  readonly settings: Settings;
}

/** The oldest sops that has all that is asked of it. */
const OLDEST_SOPS = "3.11";

/** Checks sops, the config file and the settings; undefined when they lead nowhere. */
export async function* checkConfig(
  platform: Platform,
  options: ContextChoice & SettingsOverrides,
  signal: AbortSignal,
): AsyncGenerator<Finding, Configured | undefined> {
  const { ok, warning, failed, failedBy } = findingsOf("config");
  const file = configPath(platform, options.configFile)?.path;
  const text = await textOf(platform, file);
  const encrypted = text !== undefined && isEncrypted(text);
  if (encrypted) {
    const sops = await checkSops(platform, signal);
    yield sops;
    if (sops.verdict === "failed") return undefined;
  }
  let context: OpenContext | undefined;
  try {
    // sops itself may ask the user for the key: no deadline.
    context = await openContext(platform, options, signal);
  } catch (error) {
    yield failedBy(error, signal, `see docs/configuration.md about ${file}`);
    return undefined;
  }
  if (context !== undefined) {
    const how = encrypted ? ", decrypted by sops" : "";
    const where = `${context.file}, context ${context.name}${how}`;
    yield !encrypted && plainSecrets(text ?? "").size > 0
      ? warning(`${where}; its secrets are not encrypted`, [{ kind: "encrypt-config" }])
      : ok(where);
  }
  const resolved = resolveSettings(options, platform.env, context);
  const given = new Set(resolved.map(({ name }) => name));
  if (!["host", "ssh.nodes", "token_id", "user"].some((name) => given.has(name))) {
    const what = text === undefined ? "config file" : "context in";
    const where = file === undefined ? "" : `there is no ${what} ${file}, and `;
    const message = `nothing is configured yet: ${where}PROXMOX_HOST is not set`;
    yield failed(message, [{ kind: "first-use" }]);
    return undefined;
  }
  const shown = show(resolved, [
    ...resolveSettings({}, platform.env, undefined),
    ...resolveSettings({}, {}, context),
  ]);
  const forSettings = findingsOf("settings");
  try {
    const settings = readSettings(resolved, options);
    yield forSettings.ok(summary(settings, shown), { settings: shown });
    return { context, settings };
  } catch (error) {
    const help = [{ kind: "doctor-verbose" }] as const;
    yield forSettings.failedBy(error, signal, help, { settings: shown });
    return undefined;
  }
}

/** Settings with what they hide, secrets as dots. */
function show(settings: readonly Setting[], all: readonly Setting[]): ShownSetting[] {
  return settings.map((setting) => {
    const { name, value, source } = setting;
    const hidden = all.filter((other) =>
      other.name === name && other.source !== source && other.source !== "default"
    );
    return {
      ...setting,
      value: shownValue(name, value),
      hides: source === "file" ? [] : [...new Set(hidden.map(({ from }) => from))],
    };
  });
}

/** Undefined also for a file that cannot be read: opening it says why. */
async function textOf(platform: Platform, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const bytes = await platform.files.read(file).catch(() => undefined);
  return bytes && new TextDecoder().decode(bytes);
}

function summary({ login, baseUrl }: Settings, shown: readonly ShownSetting[]): string {
  const who = login.kind === "token"
    ? `token ${login.id}`
    : login.kind === "password"
    ? `user ${login.user}`
    : "SSH alone";
  const by = shown.find(({ name }) => name === "host");
  return `${baseUrl}${by ? ` (${by.source === "file" ? "config file" : by.source})` : ""}, ${who}`;
}

async function checkSops(platform: Platform, signal: AbortSignal): Promise<Finding> {
  const { ok, warning, failed, failedBy } = findingsOf("sops");
  const install = "install sops 3.11 or newer (https://getsops.io), so that it is on the PATH";
  const { clock, run } = platform;
  const argv = ["--disable-version-check", "--version"];
  const result = await within(
    { clock, ms: limits.doctor.network, what: "`sops --version`", signal },
    (late) => untilAborted(run("sops", argv, { signal: late }), late),
  ).catch((error) => failedBy(error, signal, install));
  if (result === undefined) {
    return failed("sops is not installed, and the config file is encrypted", install);
  }
  if ("check" in result) return result;
  const words = new TextDecoder().decode(result.stdout);
  const [, version = ""] = /^sops (\d+\.\d+\S*)/.exec(words) ?? [];
  if (result.code !== 0 || version === "") return failed("this sops is too old", install);
  return isOlder(version, OLDEST_SOPS)
    ? warning(`sops ${version} is older than pxrun needs to write`, install)
    : ok(`sops ${version}`);
}
