import type { Env } from "../core/platform.ts";

/** The operating systems that Deno knows. */
export type OperatingSystem = typeof Deno.build.os;

/** Differences between operating systems. docs/platforms.md lists it. */
export interface System {
  /** The signals that ask for an end. */
  readonly endSignals: readonly Deno.Signal[];
  /** True if files have permission bits. */
  readonly hasModes: boolean;
  /** True if Ctrl-Z stops a program until `fg`. */
  readonly hasJobs: boolean;
  /** True if a signal says that the size of the window has changed. */
  readonly signalsResize: boolean;
  /** True if `stty` sets the terminal. */
  readonly hasStty: boolean;
  /** True for a file name that is more than a name: part of a path, a device, or changed on the way. */
  isHarmfulName(name: string): boolean;
  /** The user's home directory. */
  home(env: Env): string | undefined;
}

const posix: System = {
  endSignals: ["SIGINT", "SIGTERM", "SIGHUP"],
  hasModes: true,
  hasJobs: true,
  signalsResize: true,
  hasStty: true,
  // deno-lint-ignore no-control-regex -- it ends a name
  isHarmfulName: (name) => /[\x00/]/.test(name),
  home: (env) => env["HOME"],
};

const windows: System = {
  // There are no others; this one is Ctrl-Break.
  endSignals: ["SIGINT", "SIGBREAK"],
  hasModes: false,
  hasJobs: false,
  signalsResize: false,
  hasStty: false,
  isHarmfulName: (name) =>
    // deno-lint-ignore no-control-regex -- Windows has none of them in names
    /[\x00-\x1f<>:"/\\|?*]|[ .]$/.test(name) ||
    // Devices in every directory, whatever their extension is.
    /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?: *\.|$)/i.test(name),
  // Shells of Unix set HOME there, too, and their ssh goes by it.
  home: (env) => env["HOME"] ?? env["USERPROFILE"],
};

/** Conventions of an operating system. */
export function systemOf(os: OperatingSystem): System {
  return os === "windows" ? windows : posix;
}

/** Conventions of the local host. */
export const system: System = systemOf(Deno.build.os);
