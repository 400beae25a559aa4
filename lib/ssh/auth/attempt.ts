// @ts-types="@types/ssh2"
import type { AnyAuthMethod, AuthenticationType } from "ssh2";
import type { Unusable } from "./identity.ts";

/** One login attempt. */
export interface Attempt {
  /** For the log; undefined where the attempt writes its own. */
  readonly label: string | undefined;
  /** How hosts call it. An agent's key is offered by the method that a key file is offered by. */
  readonly wire: AuthenticationType;
  /** Only called when the host would take it; undefined when there is nothing to offer after all. */
  readonly method: () => AnyAuthMethod | undefined | Promise<AnyAuthMethod | undefined>;
}

/** What happened while logging in, for the error when nothing was accepted. */
export interface LoginLog {
  /** What was offered to the host. */
  readonly tried: string[];
  /** Key files that could not be offered. */
  readonly unusable: { readonly path: string; readonly reason: Unusable["reason"] }[];
  /** What nothing here can log in with, in words: a certificate, a key on a token. */
  readonly unsupported: string[];
  /** Key files that were named and are not there. */
  readonly missing: readonly string[];
  /** The agent's socket, when no agent answered on it. */
  silentAgent: string | undefined;
}
