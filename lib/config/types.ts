import type { Secret } from "../core/secret.ts";

/** All of a config file. */
export interface Config {
  readonly current_context?: string;
  /** `none`: secrets are in plain text, by choice. */
  readonly encryption?: string;
  readonly contexts: Readonly<Record<string, ContextConfig>>;
}

/** One cluster in a config file: its address, the login, and the defaults there. */
export interface ContextConfig {
  readonly host?: string;
  readonly port?: string;
  readonly token_id?: string;
  readonly token_secret?: Secret;
  readonly user?: string;
  readonly password?: Secret;
  readonly fingerprint?: string;
  readonly ca_file?: string;
  readonly ssh?: {
    readonly user?: string;
    readonly key?: string;
    readonly known_hosts?: string;
    /** Node → `[USER@]HOST[:PORT]`. */
    readonly nodes?: Readonly<Record<string, string>>;
  };
  readonly pool?: string;
  readonly defaults?: {
    readonly node?: string;
    readonly template?: string;
    readonly storage_pool?: string;
    readonly bridge?: string;
    readonly ssh_key?: string;
  };
  readonly tailscale?: {
    readonly api_key?: Secret;
    readonly tailnet?: string;
    readonly auth_key?: Secret;
    readonly tags?: string;
  };
}
