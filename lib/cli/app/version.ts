import config from "../../../deno.json" with { type: "json" };

/** pxrun's own version. */
export const VERSION: string = config.version;
