import { Secret } from "../core/secret.ts";
import type { Setting } from "./settings.ts";

/** What is known about a tailnet. */
export interface TailscaleSettings {
  /** An API access token: lets pxrun make keys and remove nodes. */
  readonly apiKey?: Secret;
  /** `-` is that of the API key. */
  readonly tailnet: string;
  /** A key to join with, where the recipe has none. */
  readonly authKey?: Secret;
  /** What nodes are tagged with whose key pxrun makes. */
  readonly tags: readonly string[];
}

/** The form of the name of a tailnet: `-`, example.com, me@example.com. A key is none. */
export const TAILNET = /^(?!tskey-)[\w.@+-]+$/i;

/** The form of a list of tags. */
export const TAILNET_TAGS = /^tag:[A-Za-z][A-Za-z0-9-]*(,tag:[A-Za-z][A-Za-z0-9-]*)*$/;

/** Picks what belongs to Tailscale out of all settings. */
export function readTailscale(settings: readonly Setting[]): TailscaleSettings {
  const value = (name: string): string | Secret | undefined =>
    settings.find((setting) => setting.name === `tailscale.${name}`)?.value;
  const secret = (name: string): Secret | undefined => {
    const found = value(name);
    return typeof found === "string" ? new Secret(found) : found;
  };
  const [apiKey, authKey] = [secret("api_key"), secret("auth_key")];
  return {
    tailnet: String(value("tailnet") ?? "-"),
    tags: String(value("tags") ?? "").split(",").map((tag) => tag.trim()).filter(Boolean),
    ...(apiKey && { apiKey }),
    ...(authKey && { authKey }),
  };
}
