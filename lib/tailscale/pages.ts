/** Page where the keys of a tailnet are listed, and revoked manually. */
export const KEYS_PAGE = "https://login.tailscale.com/admin/settings/keys";

/** Page of its nodes. */
export const MACHINES_PAGE = "https://login.tailscale.com/admin/machines";
