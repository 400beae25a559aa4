/** A terminal without a screen; for tasks alone. */
import * as xterm from "npm:@xterm/headless@6.0.0";

export type IBufferCell = xterm.IBufferCell;
export type Terminal = xterm.Terminal;
// A CommonJS module whose exports Deno does not find by name.
export const Terminal: typeof xterm.Terminal =
  (xterm as unknown as { default: typeof xterm }).default.Terminal;
