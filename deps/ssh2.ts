/** SSH client, and the simulator's server. */
// @ts-types="npm:@types/ssh2@1.15.6"
export * from "npm:ssh2@1.17.0";
