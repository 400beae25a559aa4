import type { IncomingHttpHeaders } from "node:http";
import type { Cluster } from "../state/cluster.ts";
import type { Who } from "../state/who.ts";
import { PveError } from "../state/error.ts";
import { parseAuthId } from "../state/who.ts";
import { percentDecode } from "./route.ts";
import { seconds } from "../state/time.ts";

/** True if a password, or a ticket in its place, is the user's. */
export function passwordMatches(cluster: Cluster, id: string, password: string): boolean {
  const user = cluster.users.get(id);
  if (!user || !isActive(cluster, id)) return false;
  return user.password === password || ticketUser(cluster, password) === id;
}

/** True if a user may log in at all. */
function isActive(cluster: Cluster, id: string): boolean {
  const user = cluster.users.get(id);
  return user !== undefined && user.enabled && !isOver(cluster, user.expire);
}

function isOver(cluster: Cluster, expire: number): boolean {
  return expire > 0 && expire < seconds(cluster);
}

/** A new ticket for a user, and what must go with every write that uses it. */
export function issueTicket(cluster: Cluster, user: string): { ticket: string; csrf: string } {
  const hex = stamp(cluster);
  const ticket = `PVE:${user}:${hex}::${random()}${random()}`;
  const csrf = `${hex}:${random()}`;
  cluster.tickets.set(ticket, { user, csrf, at: cluster.clock.now() });
  return { ticket, csrf };
}

/** A ticket that is only good for answering with the code of the second factor. */
export function issueChallenge(cluster: Cluster): { ticket: string; CSRFPreventionToken: string } {
  const factors = encodeURIComponent(JSON.stringify({ totp: true }));
  const hex = stamp(cluster);
  const ticket = `PVE:!tfa!${factors}:${hex}::${random()}`;
  const csrf = `${hex}:${random()}`;
  cluster.tickets.set(ticket, { user: "", csrf, at: cluster.clock.now() });
  return { ticket, CSRFPreventionToken: csrf };
}

/** True if a code is the right answer to a challenge, which is then used up. */
export function answersChallenge(
  cluster: Cluster,
  user: string,
  challenge: string,
  answer: string,
): boolean {
  const known = challenge.startsWith("PVE:!tfa!") && cluster.tickets.delete(challenge);
  const { totp } = cluster.users.get(user) ?? {};
  return known && isActive(cluster, user) && totp !== undefined && answer === `totp:${totp}`;
}

function stamp(cluster: Cluster): string {
  return seconds(cluster).toString(16).toUpperCase().padStart(8, "0");
}

function random(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))));
}

function ticketUser(cluster: Cluster, ticket: string): string | undefined {
  const issued = cluster.tickets.get(ticket);
  if (!issued || cluster.clock.now() - issued.at > cluster.timings.ticketMs) return undefined;
  return isActive(cluster, issued.user) ? issued.user : undefined;
}

/**
 * Caller of a request; undefined if it has no credentials.
 *
 * @throws {PveError} 401 when it says so in vain.
 */
export function authenticate(
  cluster: Cluster,
  method: string,
  headers: IncomingHttpHeaders,
): Who | undefined {
  const { authorization } = headers;
  if (authorization?.startsWith("PVEAPIToken")) return tokenBearer(cluster, authorization);
  const ticket = ticketIn(headers);
  if (ticket === undefined) return undefined;
  const user = ticketUser(cluster, ticket);
  if (user === undefined) throw refused();
  if (method !== "GET" && headers["csrfpreventiontoken"] !== cluster.tickets.get(ticket)?.csrf) {
    throw new PveError(401, "Permission denied - invalid csrf token");
  }
  return { user };
}

/** Caller that a request names, true or not. */
export function claimedBy(headers: IncomingHttpHeaders): string | undefined {
  return /^PVEAPIToken[= ]([^=\s]+)=/.exec(headers.authorization ?? "")?.[1] ??
    /^PVE:([^:]+):/.exec(ticketIn(headers) ?? "")?.[1];
}

function ticketIn({ cookie }: IncomingHttpHeaders): string | undefined {
  const encoded = /(?:^|;\s*)PVEAuthCookie=([^;]*)/.exec(cookie ?? "")?.[1];
  return encoded === undefined ? undefined : percentDecode(encoded);
}

function tokenBearer(cluster: Cluster, authorization: string): Who {
  const [, id = "", secret = ""] =
    /^PVEAPIToken[= ]([^=:\s]+![^=:\s]+)=(\S+)$/.exec(authorization) ?? [];
  const token = cluster.tokens.get(id);
  const who = parseAuthId(id);
  if (
    !token || token.secret !== secret || isOver(cluster, token.expire) ||
    !isActive(cluster, who.user)
  ) {
    throw refused();
  }
  return who;
}

function refused(): PveError {
  return new PveError(401, "Authentication failed!");
}
