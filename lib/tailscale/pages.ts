/** Where the keys of a tailnet are looked at, and revoked by hand. */
export const KEYS_PAGE = "https://login.tailscale.com/admin/settings/keys";

/** Where its nodes are. */
export const MACHINES_PAGE = "https://login.tailscale.com/admin/machines";
