import { limits } from "../../core/limits.ts";
import { untilAborted } from "../../core/within.ts";
import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Clock } from "../../core/platform.ts";
import type { Authentication } from "./auth.ts";
import { Unauthorized, Unreachable } from "./errors.ts";
import { Fields } from "./read.ts";
import type { ByteTransport } from "./transport.ts";
import { decodeReply, encodeRequest, type Params } from "./wire.ts";

/** User who logs in, and the transport. */
export interface TicketOptions {
  /** `user@realm`. */
  readonly user: string;
  /** Asked for at the first request, and not again. */
  readonly password: () => Promise<Secret>;
  /** Asks for the code of a second factor; absent: a user who has one cannot log in. */
  readonly askCode?: ((user: string) => Promise<string>) | undefined;
  readonly transport: ByteTransport;
  readonly clock: Clock;
}

/** A ticket with what goes with every write, and when it was issued. */
interface Ticket {
  readonly value: Secret;
  readonly csrf: Secret;
  readonly at: number;
}

/**
 * A user with a password: logs in once, on the first request, and keeps the
 * ticket fresh. The password is sent to /access/ticket and nowhere else, and
 * that call is not traced.
 */
export function userTicket(options: TicketOptions): Authentication {
  const { clock } = options;
  let password: Promise<Secret> | undefined;
  let current: Promise<Ticket> | undefined;

  /** A refusal is kept, since trying again could lock the account; a lost connection is not. */
  function hold(attempt: Promise<Ticket>): Promise<Ticket> {
    current = attempt;
    attempt.catch((error) => {
      if (error instanceof Unreachable && current === attempt) current = undefined;
    });
    return attempt;
  }

  async function byPassword(): Promise<Ticket> {
    password ??= options.password();
    return await logIn(options, await password);
  }

  /** With the ticket in place of the password, which needs no second factor. */
  async function byTicket(old: Ticket): Promise<Ticket> {
    try {
      return readTicket(await post(options, { password: old.value }), clock.now());
    } catch (error) {
      // The old one is good for half an hour more; the next request tries again.
      if (error instanceof Unreachable) return old;
      if (error instanceof Unauthorized) return await byPassword();
      throw error;
    }
  }

  async function valid(): Promise<Ticket> {
    const held = current ?? hold(byPassword());
    const ticket = await held;
    if (clock.now() - ticket.at < limits.login.ticketRenewal) return ticket;
    return await (current === held || current === undefined ? hold(byTicket(ticket)) : current);
  }

  async function replace(refused: string | undefined): Promise<void> {
    const held = current;
    const ticket = await held;
    if (current !== held || (ticket && cookieOf(ticket) !== refused)) return;
    await hold(byPassword());
  }

  return {
    async headers(method, signal) {
      const ticket = await untilAborted(valid(), signal);
      return {
        cookie: cookieOf(ticket),
        ...(method !== "GET" && { csrfpreventiontoken: ticket.csrf.reveal() }),
      };
    },
    async renew(refused, signal) {
      await untilAborted(replace(refused["cookie"]), signal);
      return true;
    },
  };
}

function cookieOf({ value }: Ticket): string {
  return `PVEAuthCookie=${encodeURIComponent(value.reveal())}`;
}

async function logIn(options: TicketOptions, password: Secret): Promise<Ticket> {
  const { user, clock, askCode } = options;
  for (let tries = 1;; tries++) {
    const first = await post(options, { password });
    if (!first.flag("NeedTFA")) return readTicket(first, clock.now());
    const challenge = new Secret(first.text("ticket"));
    checkChallenge(user, challenge);
    if (askCode === undefined) throw noCode(user);
    const code = (await askCode(user)).replaceAll(/\s/g, "");
    try {
      const answer = { password: new Secret(`totp:${code}`), "tfa-challenge": challenge };
      return readTicket(await post(options, answer), clock.now());
    } catch (error) {
      if (!(error instanceof Unauthorized) || tries === limits.login.codeTries) throw error;
    }
  }
}

async function post(
  { transport, user }: TicketOptions,
  secrets: Params,
): Promise<Fields> {
  const request = encodeRequest("POST", "/access/ticket", {
    username: user,
    ...secrets,
    // Before Proxmox VE 8 the old form of a second factor is the default.
    "new-format": true,
  });
  try {
    const reply = await transport.request(request);
    return new Fields(decodeReply("POST /access/ticket", reply), "/access/ticket");
  } catch (error) {
    if (error instanceof Unauthorized) throw refused(user, "tfa-challenge" in secrets, error);
    throw error;
  }
}

function readTicket(fields: Fields, at: number): Ticket {
  return {
    value: new Secret(fields.text("ticket")),
    csrf: new Secret(fields.text("CSRFPreventionToken")),
    at,
  };
}

/** The challenge says in its second part, as JSON, which factors would do. */
function checkChallenge(user: string, challenge: Secret): void {
  const json = /^PVE:!tfa!([^:]*):/.exec(challenge.reveal())?.[1] ?? "";
  let factors: unknown;
  try {
    factors = JSON.parse(decodeURIComponent(json));
  } catch {
    return; // Proxmox itself will say whether the code will do.
  }
  if (typeof factors !== "object" || factors === null || !("totp" in factors) || factors.totp) {
    return;
  }
  const has = Object.entries(factors).filter(([, there]) => there).map(([name]) => name).join(", ");
  throw new PxrunError(
    "UNAUTHORIZED",
    `the second factor of ${user} is ${has || "none that pxrun knows"}, not a time-based code`,
    { hint: "use an API token: it needs no second factor (PROXMOX_TOKEN_ID)" },
  );
}

function noCode(user: string): PxrunError {
  return new PxrunError(
    "UNAUTHORIZED",
    `${user} has a second factor, and its code cannot be asked for here`,
    { hint: "run pxrun on a terminal, or use an API token (PROXMOX_TOKEN_ID)" },
  );
}

function refused(user: string, code: boolean, cause: Unauthorized): Unauthorized {
  const { status, text } = cause;
  return new Unauthorized(`Proxmox refused the login of ${user}: ${text}`, {
    status,
    text,
    cause,
    hint: code
      ? "the code of the second factor was wrong, or too late"
      : "check PROXMOX_USER, with its realm (root@pam, me@pve), and PROXMOX_PASSWORD",
  });
}
