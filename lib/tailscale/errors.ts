import { type ErrorCode, PxrunError } from "../core/errors.ts";
import { KEYS_PAGE } from "./pages.ts";

/** Tailscale's API refused something. */
export class TailscaleError extends PxrunError {
  override readonly name = "TailscaleError";
  /** The HTTP status. */
  readonly status: number;

  /**
   * @param status The HTTP status.
   * @param what What could not be done: "make an auth key".
   * @param reason What the API says.
   */
  constructor(status: number, what: string, reason: string) {
    const { code, hint } = meaning(status, reason);
    super(code, `cannot ${what}: Tailscale answers ${status}: ${reason}`, { hint });
    this.status = status;
  }
}

function meaning(
  status: number,
  reason: string,
): { readonly code: ErrorCode; readonly hint?: string } {
  if (/\btags?\b/i.test(reason)) {
    return {
      code: "PERMISSION_DENIED",
      hint:
        "the tag has to stand under tagOwners in the tailnet's policy file, and the API key's " +
        "owner has to own it; TAILSCALE_TAGS or tailscale.tags names another one",
    };
  }
  if (status === 401) {
    return {
      code: "UNAUTHORIZED",
      hint: "TAILSCALE_API_KEY or tailscale.api_key must be an API access token that has not " +
        `expired: ${KEYS_PAGE}`,
    };
  }
  if (status === 403) {
    return { code: "PERMISSION_DENIED", hint: "may the API key's owner administer this tailnet?" };
  }
  if (status === 404) {
    return {
      code: "NOT_FOUND",
      hint: "TAILSCALE_TAILNET or tailscale.tailnet names the tailnet; - is the API key's own",
    };
  }
  if (status >= 500) return { code: "FAILED", hint: "Tailscale has trouble: try again in a while" };
  return { code: status === 400 ? "INVALID_PARAMETER" : "FAILED" };
}
