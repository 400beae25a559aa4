import type { Login } from "../config/settings.ts";
import { PxrunError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Clock } from "../core/platform.ts";
import { apiToken, type Authentication } from "../proxmox/http/auth.ts";
import { userTicket } from "../proxmox/http/ticket.ts";
import type { ByteTransport } from "../proxmox/http/transport.ts";

/** As whom the API is talked to, and how the bytes get there. */
export interface LoggedIn {
  /** `user@realm!name` of a token, or `user@realm`. */
  readonly id: string;
  readonly authentication: Authentication;
  /** Closing it also ends the login, where there is something to end. */
  readonly transport: ByteTransport;
}

/**
 * Questions to the user about what the environment does not say.
 *
 * @category Clusters
 */
export interface LoginQuestions {
  /** The password of a user; absent: it must be set. */
  readonly askPassword?: ((user: string) => Promise<Secret>) | undefined;
  /** The code of a user's second factor; absent: such a user cannot log in. */
  readonly askCode?: ((user: string) => Promise<string>) | undefined;
}

/**
 * A login by token or by password. Nothing is sent or asked before the first request.
 *
 * @throws {PxrunError} USAGE when the password is missing and nobody can be asked.
 */
export function directLogin(
  login: Exclude<Login, { kind: "ssh" }>,
  transport: ByteTransport,
  clock: Clock,
  { askPassword, askCode }: LoginQuestions,
): LoggedIn {
  if (login.kind === "token") {
    return { id: login.id, authentication: apiToken(login), transport };
  }
  const { user, password } = login;
  if (password === undefined && askPassword === undefined) {
    throw new PxrunError("USAGE", `PROXMOX_PASSWORD is not set: the password of ${user}`, {
      hint: "on a terminal pxrun asks for it; for a script an API token is the better way",
    });
  }
  return {
    id: user,
    authentication: userTicket({
      user,
      password: async () => password ?? await askPassword?.(user) ?? neverAsked(),
      askCode,
      transport,
      clock,
    }),
    transport,
  };
}

function neverAsked(): never {
  throw new TypeError("there is neither a password nor a user to ask");
}
