import { plainSecrets } from "../config/parse_config.ts";
import { configPath } from "../config/path.ts";
import { type OpenContext, resolveSettings } from "../config/resolve.ts";
import type { Setting } from "../config/resolve.ts";
import { shownValue } from "../config/shown.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import type { SettingsOverrides } from "../config/resolve.ts";
import { type ContextChoice, openContext } from "../config/open_context.ts";
import { untilAborted } from "../core/within.ts";
import { within } from "../core/within.ts";
import type { Platform } from "../core/platform.ts";
import { isEncrypted } from "../secrets/mod.ts";
import { failed, failedBy, type Finding, ok, type ShownSetting, warning } from "./finding.ts";

/** What the configuration says, when it says enough. */
export interface Configured {
  readonly context: OpenContext | undefined;
  readonly settings: Settings;
}

/** The oldest sops that has all that is asked of it. */
const OLDEST_SOPS = [3, 11];

/** Looks at sops, the config file and the settings; undefined when they lead nowhere. */
export async function* checkConfig(
  platform: Platform,
  options: ContextChoice & SettingsOverrides,
  signal: AbortSignal,
): AsyncGenerator<Finding, Configured | undefined> {
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
    yield failedBy("config", error, signal, `see docs/configuration.md about ${file}`);
    return undefined;
  }
  if (context !== undefined) {
    const how = encrypted ? ", decrypted by sops" : "";
    const where = `${context.file}, context ${context.name}${how}`;
    yield !encrypted && plainSecrets(text ?? "").size > 0
      ? warning(
        "config",
        `${where}; its secrets are not encrypted`,
        [{ kind: "encrypt-config" }],
      )
      : ok("config", where);
  }
  const resolved = resolveSettings(options, platform.env, context);
  const given = new Set(resolved.map(({ name }) => name));
  if (!["host", "ssh.nodes", "token_id", "user"].some((name) => given.has(name))) {
    const what = text === undefined ? "config file" : "context in";
    const where = file === undefined ? "" : `there is no ${what} ${file}, and `;
    yield failed(
      "config",
      `nothing is configured yet: ${where}PROXMOX_HOST is not set`,
      [{ kind: "first-use" }],
    );
    return undefined;
  }
  const shown = show(resolved, [
    ...resolveSettings({}, platform.env, undefined),
    ...resolveSettings({}, {}, context),
  ]);
  try {
    const settings = readSettings(resolved, options);
    yield ok("settings", summary(settings, shown), { settings: shown });
    return { context, settings };
  } catch (error) {
    yield failedBy("settings", error, signal, [{ kind: "doctor-verbose" }], { settings: shown });
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
  const install = "install sops 3.11 or newer (https://getsops.io), so that it is on the PATH";
  const { clock } = platform;
  const result = await within(
    { clock, ms: 5_000, what: "`sops --version`", signal },
    (late) =>
      untilAborted(
        platform.run("sops", ["--disable-version-check", "--version"], { signal: late }),
        late,
      ),
  ).catch((error) => failedBy("sops", error, signal, install));
  if (result === undefined) {
    return failed("sops", "sops is not installed, and the config file is encrypted", install);
  }
  if ("check" in result) return result;
  const words = new TextDecoder().decode(result.stdout);
  const [, version = "", major, minor] = /^sops ((\d+)\.(\d+)\S*)/.exec(words) ?? [];
  if (result.code !== 0 || version === "") return failed("sops", "this sops is too old", install);
  const [wantMajor = 0, wantMinor = 0] = OLDEST_SOPS;
  const old = Number(major) < wantMajor ||
    (Number(major) === wantMajor && Number(minor) < wantMinor);
  return old
    ? warning("sops", `sops ${version} is older than pxrun needs to write`, install)
    : ok("sops", `sops ${version}`);
}
