import { PxrunError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { Method } from "./transport.ts";

/** Headers of the login. A ticket needs one more for writes, hence the method. */
export interface Authentication {
  /** The headers that go with one request; asked again for each. */
  headers(method: Method, signal?: AbortSignal): Promise<Record<string, string>>;
  /**
   * Called when a request was refused with 401, with the headers it had.
   * Absent: nothing can be done about it.
   *
   * @returns Whether the request is worth a second try, with new headers.
   */
  renew?(refused: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<boolean>;
}

const TOKEN_ID = /^[^\s:/!@]+@[\w.-]+![\w.-]+$/;

/**
 * An API token.
 *
 * @throws {PxrunError} USAGE when the id or the secret cannot be one.
 */
export function apiToken(token: { readonly id: string; readonly secret: Secret }): Authentication {
  if (!TOKEN_ID.test(token.id)) {
    throw new PxrunError("USAGE", "the id of the API token is not of the form user@realm!name", {
      hint: "for example root@pam!pxrun",
    });
  }
  const secret = token.secret.reveal();
  if (!/^[!-~]+$/.test(secret)) {
    const what = secret === "" ? "is empty" : "holds a blank, a line end or a special character";
    throw new PxrunError("USAGE", `the secret of the API token ${token.id} ${what}`, {
      hint: "it is the UUID that pveum user token add printed once",
    });
  }
  return {
    headers: () => Promise.resolve({ authorization: `PVEAPIToken=${token.id}=${secret}` }),
  };
}
