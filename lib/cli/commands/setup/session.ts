import type { ContextConfig } from "../../../config/types.ts";
import type { EncryptionPlan } from "../../../setup/encryption.ts";
import type { Context } from "../../app/context.ts";

/** The flags of `pxrun setup`. */
export interface SetupOptions {
  readonly host?: string | undefined;
  readonly sshUser?: string | undefined;
  readonly scope?: string | undefined;
  readonly tokenName?: string | undefined;
  readonly tokenId?: string | undefined;
  /** `--no-ssh` makes it false. */
  readonly ssh: boolean;
  /** `--no-encrypt` makes it false. */
  readonly encrypt: boolean;
  readonly print?: true | undefined;
  readonly yes?: true | undefined;
}

/** A run of `pxrun setup`. */
export interface Setup {
  readonly options: SetupOptions;
  readonly context: Context;
  readonly signal: AbortSignal;
}

/** A context of the config file that is being set up. */
export interface Draft extends Setup {
  readonly file: string;
  readonly name: string;
  readonly host: string;
  /** Its values in the file so far. */
  readonly existing: ContextConfig;
  /** The other contexts of the file. */
  readonly others: Readonly<Record<string, ContextConfig>>;
  /** The preparation that encrypting it needs. */
  readonly encryption: EncryptionPlan | undefined;
  /** True if it holds its secrets unencrypted. */
  readonly plain: boolean;
  /** True if a secret is in the file in the clear, which writing encrypts. */
  readonly inTheClear: boolean;
}
