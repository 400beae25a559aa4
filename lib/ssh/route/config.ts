import { commandLine } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Env, Platform, ProcessInfo, ProcessResult } from "../../core/platform.ts";

/** Settings of the user's ssh_config for one host. */
export interface SshConfig {
  readonly hostname: string;
  readonly port: number;
  /** Undefined when it is only the local user's own name, which nobody set. */
  readonly user: string | undefined;
  /** True if an entry is about this very host, not about every host. */
  readonly named: boolean;
  readonly identityFiles: readonly string[];
  /** Certificates of the user's keys, which nothing here can present. */
  readonly certificateFiles: readonly string[];
  /** The library that leads to keys on a token, which nothing here can use. */
  readonly pkcs11Provider: string | undefined;
  readonly identitiesOnly: boolean;
  /** The SSH agent's socket. */
  readonly agent: string | undefined;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hostKeyAlias: string | undefined;
  /** `[user@]host[:port]` of each jump host on the way, separated by commas, the first one first. */
  readonly proxyJump: string | undefined;
  /** True if a new line of known_hosts hides the host's name. */
  readonly hashKnownHosts: boolean;
  /** True if an unknown host key is refused without a question. */
  readonly strictHostKeys: boolean;
  /** True if the user is asked nothing at all. */
  readonly batchMode: boolean;
}

/** Parts of the platform that reading ssh_config needs. */
export type SshConfigWorld = Pick<Platform, "env" | "home" | "run"> & {
  readonly self: Pick<ProcessInfo, "user">;
};

/** Known settings of the host, as `ssh` takes them on its command line. */
export interface SshConfigOptions {
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** The user where neither `user` nor ssh_config names one. */
  readonly otherwise?: string | undefined;
  /** Read instead of the user's and the system's own; `PXRUN_SSH_CONFIG` where it is absent. */
  readonly file?: string | undefined;
}

/** A name that no entry is about, to see what is said about every host. */
const nobody = "no-such-host.invalid";

/**
 * Asks the system's `ssh` what the user's ssh_config says about a host, so that
 * Include and Match work. `PXRUN_SSH_CONFIG` names another file to read, as `ssh -F` does: `none` is no
 * file at all. Without an `ssh` its defaults are assumed.
 *
 * @param host A name as one would type it after `ssh`.
 * @throws {PxrunError} FAILED when ssh_config is wrong, NOT_BUILT for a host behind a ProxyCommand.
 */
export async function readSshConfig(
  host: string,
  platform: SshConfigWorld,
  given: SshConfigOptions = {},
): Promise<SshConfig> {
  const options = { ...given, file: given.file ?? (platform.env["PXRUN_SSH_CONFIG"] || undefined) };
  const ask: Ask = (name, more) => platform.run("ssh", question(name, { ...options, ...more }));
  const { otherwise } = options;
  const asks = otherwise !== undefined && options.user === undefined &&
    otherwise !== platform.self.user;
  const [answer, nobodys, other] = await Promise.all([
    ask(host),
    aboutNobody(ask),
    asks ? ask(host, { user: otherwise }) : undefined,
  ]);
  const own = answer && readAnswer(answer, host, options);
  // A Match or a token may be about the user.
  const used = other !== undefined && own?.get("user")?.[0] === platform.self.user
    ? readAnswer(other, host, { ...options, user: otherwise })
    : own;
  const settings = await expandFiles(
    used ?? defaults(host, options),
    host,
    ask,
    options,
    platform.home,
  );
  const config = parseSshConfig(settings, platform);
  return { ...config, named: own !== undefined && differs(own, nobodys) };
}

type Ask = (
  host: string,
  more?: Pick<SshConfigOptions, "user"> & { readonly settings?: readonly string[] },
) => Promise<ProcessResult | undefined>;

/**
 * Settings of every host. Where ssh looks names up, it may know nothing about one that
 * there is not.
 */
async function aboutNobody(ask: Ask): Promise<Settings | undefined> {
  for (const settings of [[], ["CanonicalizeHostname=no"]]) {
    const answer = await ask(nobody, { settings });
    if (answer?.code === 0) return parseSettings(new TextDecoder().decode(answer.stdout), nobody);
  }
  return undefined;
}

/**
 * `ssh -G` leaves `~`, tokens and variables in the names of keys as they are, and expands those of
 * ControlPath: so it is asked what they would be there.
 */
async function expandFiles(
  settings: Settings,
  host: string,
  ask: Ask,
  options: SshConfigOptions,
  home: string | undefined,
): Promise<Settings> {
  const expanded = new Map(settings);
  await Promise.all(["identityfile", "certificatefile"].map(async (key) => {
    const user = settings.get("user")?.[0];
    const paths = (settings.get(key) ?? []).map(async (path) => {
      if (!/[%$]|^~[^/\\]/.test(path)) return path;
      // Which home counts is the platform's to say.
      const inHome = expand(path, { d: home?.replaceAll("%", "%%") }, "%%");
      const quoted = inHome.replaceAll(/["\\]/g, "\\$&");
      const answer = await ask(host, { user, settings: [`ControlPath="${quoted}"`] });
      const [found] = answer && readAnswer(answer, host, options).get("controlpath") || [];
      return found?.replaceAll("%", "%%") ?? path;
    });
    expanded.set(key, await Promise.all(paths));
  }));
  return expanded;
}

/** Each keyword of ssh_config in lower case, with its values. */
type Settings = ReadonlyMap<string, readonly string[]>;

function question(
  host: string,
  { file, port, user, settings = [] }: SshConfigOptions & { readonly settings?: readonly string[] },
): string[] {
  return [
    "-G",
    ...(file === undefined ? [] : ["-F", file]),
    ...(port === undefined ? [] : ["-p", `${port}`]),
    ...(user === undefined ? [] : ["-l", user]),
    ...settings.flatMap((setting) => ["-o", setting]),
    "--",
    host,
  ];
}

function readAnswer(answer: ProcessResult, host: string, options: SshConfigOptions): Settings {
  const decoder = new TextDecoder();
  if (answer.code === 0) return parseSettings(decoder.decode(answer.stdout), host);
  const why = decoder.decode(answer.stderr).trim().replaceAll(/\s*\n/g, "; ");
  throw new PxrunError("FAILED", `ssh_config says nothing usable about ${host}: ${why}`, {
    hint: `\`${commandLine(["ssh", ...question(host, options)])}\` shows it`,
  });
}

function parseSettings(text: string, host: string): Settings {
  // Older versions do not repeat the name that they were asked about.
  const settings = new Map([["host", [host]]]);
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined || key === "host") continue;
    settings.set(key.toLowerCase(), [...settings.get(key.toLowerCase()) ?? [], value]);
  }
  return settings;
}

function defaults(host: string, { port, user }: SshConfigOptions): Settings {
  return new Map([
    ["host", [host]],
    ["port", [`${port ?? 22}`]],
    ["user", user === undefined ? [] : [user]],
    ["identityfile", ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"]],
    ["userknownhostsfile", ["~/.ssh/known_hosts"]],
    ["globalknownhostsfile", ["/etc/ssh/ssh_known_hosts"]],
  ]);
}

function parseSshConfig(settings: Settings, platform: SshConfigWorld): Omit<SshConfig, "named"> {
  const first = (key: string): string | undefined => settings.get(key)?.[0];
  const hostname = first("hostname") ?? first("host") ?? "";
  refuseProxyCommand(first("host") ?? hostname, first("proxycommand"));
  const port = first("port") ?? "22";
  const user = first("user");
  const tokens = {
    d: platform.home ?? "",
    h: hostname,
    n: first("host") ?? "",
    p: port,
    r: user,
    u: platform.self.user,
  };
  const paths = (key: string): string[] =>
    (settings.get(key) ?? []).flatMap(splitPaths).map((path) => expand(path, tokens));
  const keyFiles = (key: string): string[] =>
    (settings.get(key) ?? []).filter((path) => path !== "none").map((path) => expand(path, tokens));
  const unlessNone = (key: string): string | undefined =>
    first(key) === "none" ? undefined : first(key);
  const proxyJump = unlessNone("proxyjump");
  return {
    hostname,
    port: Number(port),
    user: user === platform.self.user ? undefined : user,
    identityFiles: keyFiles("identityfile"),
    certificateFiles: keyFiles("certificatefile"),
    pkcs11Provider: unlessNone("pkcs11provider"),
    identitiesOnly: first("identitiesonly") === "yes",
    agent: agentSocket(first("identityagent"), platform.env, (path) => expand(path, tokens)),
    userKnownHosts: paths("userknownhostsfile").filter((path) => path !== "none"),
    globalKnownHosts: paths("globalknownhostsfile").filter((path) => path !== "none"),
    hostKeyAlias: unlessNone("hostkeyalias"),
    proxyJump: proxyJump && expand(proxyJump, tokens),
    hashKnownHosts: first("hashknownhosts") === "yes",
    // `ssh -G` says true where one writes yes.
    strictHostKeys: /^(yes|true)$/.test(first("stricthostkeychecking") ?? ""),
    batchMode: first("batchmode") === "yes",
  };
}

function refuseProxyCommand(host: string, command = "none"): void {
  if (command === "none") return;
  throw new PxrunError(
    "NOT_BUILT",
    `${host} is reached through "ProxyCommand ${command}" (ssh_config), which pxrun does not run`,
    {
      hint: '"ProxyJump HOST" in its place goes through an SSH server; ' +
        "PXRUN_SSH_NODES=NODE=user@host:port sets an address that needs no proxy",
    },
  );
}

function agentSocket(
  setting: string | undefined,
  env: Env,
  expandPath: (path: string) => string,
): string | undefined {
  if (setting === "none") return undefined;
  if (setting === undefined || setting === "SSH_AUTH_SOCK") {
    return env["SSH_AUTH_SOCK"] || undefined;
  }
  return setting.startsWith("$") ? env[setting.slice(1)] : expandPath(setting);
}

/** `ssh -G` joins paths with spaces and quotes none: only an absolute path begins a new one. */
function splitPaths(text: string): string[] {
  return text.split(/\s+(?=[/~]|[A-Za-z]:[/\\])/);
}

/** `~/` and the `%` tokens that a path may hold. */
function expand(
  path: string,
  tokens: Readonly<Record<string, string | undefined>>,
  percent = "%",
): string {
  return path
    .replace(/^~(?=[/\\])/, () => tokens["d"] ?? "~")
    .replaceAll(
      /%(.)/g,
      (token, letter: string) => letter === "%" ? percent : tokens[letter] ?? token,
    );
}

/** True if two hosts have settings of their own, besides those that hold a host's name. */
function differs(own: Settings, general: Settings | undefined): boolean {
  const text = (settings: Settings, key: string): string => settings.get(key)?.join("\n") ?? "";
  const name = text(own, "host");
  // ssh writes host names in lower case.
  if (text(own, "hostname") !== name.toLowerCase()) return true;
  if (general === undefined) return false;
  const keys = new Set([...own.keys(), ...general.keys()]);
  return [...keys].some((key) => {
    // Only asked for another way.
    if (key === "canonicalizehostname") return false;
    const [mine, theirs] = [text(own, key), text(general, key)];
    return !mine.includes(name) && !theirs.includes(nobody) && mine !== theirs;
  });
}
