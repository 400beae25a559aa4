import type { Settings } from "../config/settings.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { within } from "../core/within.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import { Unauthorized } from "../proxmox/http/errors.ts";
import * as version from "../proxmox/api/version.ts";
import { failed, failedBy, type Finding, ok, warning } from "./finding.ts";

/** What it works with. */
const OLDEST = [8, 4] as const;
const NEWEST_MAJOR = 9;

/** Seconds from which a wrong clock is reported, and from which it does harm. */
const NOTABLE_SKEW = 10;
const HARMFUL_SKEW = 300;

/** How the API is talked to, besides the cluster itself. */
export interface ApiOptions {
  readonly settings: Settings;
  /** Whether somebody may be typing a password meanwhile. */
  readonly asks: boolean;
  /** Seconds that the node's clock is ahead of this one, as its replies say. */
  readonly skew: () => number | undefined;
}

/**
 * Logs in, and looks at who answers.
 *
 * @returns Whether the API can be used.
 */
export async function* checkApi(
  { rest, tokenId, platform }: Cluster,
  { settings, asks, skew }: ApiOptions,
  signal: AbortSignal,
): AsyncGenerator<Finding, boolean> {
  const { login } = settings;
  let release: string;
  try {
    release = await within(
      { clock: platform.clock, ms: asks ? 300_000 : 20_000, what: "the login", signal },
      async (late) => (await version.get(withSignal(rest, late))).release,
    );
  } catch (error) {
    const finding = failedBy("login", error, signal, "is it the API of Proxmox VE that answers?");
    const [user = ""] = tokenId.split("!");
    yield login.kind === "token" && error instanceof Unauthorized
      ? {
        ...finding,
        message: `the token ${tokenId} was refused: ${finding.message}`,
        remedy: `${finding.remedy}; on a node \`pveum user token list ${user}\` shows whether it ` +
          `is there and when it expires, \`pveum user token add ${user} NAME --privsep 1\` makes another`,
      }
      : finding;
    return false;
  }
  const way = login.kind === "ssh" ? " (SSH alone; read by `pvesh get`)" : "";
  yield ok("login", `logged in as ${tokenId}${way}`);
  yield ofVersion(release);
  const seconds = skew();
  if (seconds !== undefined) yield clock("the API's node", seconds);
  return true;
}

function ofVersion(release: string): Finding {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  const [oldMajor, oldMinor] = OLDEST;
  const range = `${OLDEST.join(".")} to ${NEWEST_MAJOR}`;
  if (major < oldMajor || (major === oldMajor && minor < oldMinor)) {
    return failed(
      "version",
      `Proxmox VE ${release} is too old: pxrun works with ${range}`,
      `upgrade the nodes to ${OLDEST.join(".")} or newer`,
    );
  }
  return major > NEWEST_MAJOR
    ? warning(
      "version",
      `Proxmox VE ${release} is newer than pxrun knows (${range})`,
      "look for a newer pxrun, and read the plans (--dry-run) before you go ahead",
    )
    : ok("version", `Proxmox VE ${release}`);
}

/** How far a clock is from this machine's. */
export function clock(whose: string, seconds: number): Finding {
  const off = Math.abs(Math.round(seconds));
  if (off < NOTABLE_SKEW) return ok("clock", `${whose} and this machine agree on the time`);
  const message = `the clock of ${whose} is ${span(off)} ${
    seconds > 0 ? "ahead of" : "behind"
  } this machine's`;
  const remedy = "whichever is wrong: `timedatectl set-ntp true`, and on a node `chronyc makestep`";
  return off < HARMFUL_SKEW
    ? warning("clock", message, remedy)
    : failed("clock", `${message}: tickets, tokens and apt go by it`, remedy);
}

function span(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
