/** The form of a SHA-256 fingerprint. */
export const fingerprintPattern = /^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i;

/** The form of a token id. */
export const tokenIdPattern = /^[^\s@!]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]+$/;

/** The form of a user with a realm. */
export const userPattern = /^[^\s:/@!]+@[A-Za-z][\w.-]*$/;

/** The form of the name of a tailnet: `-`, example.com, me@example.com. A key is none. */
export const TAILNET = /^(?!tskey-)[\w.@+-]+$/i;

/** The form of a list of tags. */
export const TAILNET_TAGS = /^tag:[A-Za-z][A-Za-z0-9-]*(,tag:[A-Za-z][A-Za-z0-9-]*)*$/;

/**
 * The API's base URL from what people type: a name, `name:port`, or a URL with
 * a path prefix. Without a port a bare name means 8006 and a URL its own default.
 */
export function parseHost(text: string): string | undefined {
  const trimmed = text.trim();
  const isUrl = /^https?:\/\//i.test(trimmed);
  if (/^http:/i.test(trimmed) || trimmed === "") return undefined;
  const bareIpv6 = !isUrl && /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*$/i.test(trimmed);
  const candidate = isUrl ? trimmed : `https://${bareIpv6 ? `[${trimmed}]` : trimmed}`;
  if (!URL.canParse(candidate)) return undefined;
  const url = new URL(candidate);
  const extra = [url.username, url.password, url.search, url.hash];
  if (extra.some((part) => part !== "")) return undefined;
  if (!isUrl && url.port === "" && !/:443(\/|$)/.test(trimmed)) url.port = "8006";
  const path = url.pathname.replace(/\/+$/, "").replace(/\/api2\/json$/, "");
  return `https://${url.host}${path}`;
}
