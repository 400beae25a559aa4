import type { Settings } from "../config/settings.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { limits } from "../core/limits.ts";
import { isOlder } from "../core/versions.ts";
import { within } from "../core/within.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import { Unauthorized } from "../proxmox/http/errors.ts";
import * as version from "../proxmox/api/version.ts";
import { type Finding, findingsOf } from "./finding.ts";

/** The newest major version that pxrun was tried with. */
const NEWEST_MAJOR = 9;

/** Seconds from which a wrong clock is reported, and from which it does harm. */
const NOTABLE_SKEW = 10;
const HARMFUL_SKEW = 300;

/** Options for checking the API, besides the cluster itself. */
export interface ApiOptions {
  readonly settings: Settings;
  /** True if the user may be typing a password meanwhile. */
  readonly asks: boolean;
  /** Seconds that the node's clock is ahead of this one, as its replies say. */
  readonly skew: () => number | undefined;
}

/**
 * Logs in, and checks the version and the clock of the node that answers.
 *
 * @returns True if the API can be used.
 */
export async function* checkApi(
  { rest, tokenId, platform }: Cluster,
  { settings, asks, skew }: ApiOptions,
  signal: AbortSignal,
): AsyncGenerator<Finding, boolean> {
  const { login } = settings;
  const { ok, failedBy } = findingsOf("login");
  const ms = asks ? limits.doctor.typing : limits.doctor.node;
  let release: string;
  try {
    release = await within(
      { clock: platform.clock, ms, what: "the login", signal },
      async (late) => (await version.get(withSignal(rest, late))).release,
    );
  } catch (error) {
    const finding = failedBy(error, signal, "is it the API of Proxmox VE that answers?");
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
  yield ok(`logged in as ${tokenId}${way}`);
  yield ofVersion(release);
  const seconds = skew();
  if (seconds !== undefined) yield clock("the API's node", seconds);
  return true;
}

function ofVersion(release: string): Finding {
  const { ok, warning, failed } = findingsOf("version");
  const range = `${version.OLDEST_VERSION} to ${NEWEST_MAJOR}`;
  if (isOlder(release, version.OLDEST_VERSION)) {
    const message = `Proxmox VE ${release} is too old: pxrun works with ${range}`;
    return failed(message, `upgrade the nodes to ${version.OLDEST_VERSION} or newer`);
  }
  if (Number.parseInt(release) <= NEWEST_MAJOR) return ok(`Proxmox VE ${release}`);
  return warning(
    `Proxmox VE ${release} is newer than pxrun knows (${range})`,
    "look for a newer pxrun, and read the plans (--dry-run) before you go ahead",
  );
}

/** Difference of a clock from this machine's. */
export function clock(whose: string, seconds: number): Finding {
  const { ok, warning, failed } = findingsOf("clock");
  const off = Math.abs(Math.round(seconds));
  if (off < NOTABLE_SKEW) return ok(`${whose} and this machine agree on the time`);
  const side = seconds > 0 ? "ahead of" : "behind";
  const message = `the clock of ${whose} is ${span(off)} ${side} this machine's`;
  const remedy = "whichever is wrong: `timedatectl set-ntp true`, and on a node `chronyc makestep`";
  return off < HARMFUL_SKEW
    ? warning(message, remedy)
    : failed(`${message}: tickets, tokens and apt go by it`, remedy);
}

function span(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
