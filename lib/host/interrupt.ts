import process from "node:process";

/** INT, TERM and HUP; Windows knows only the first and its Ctrl-Break. */
const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Calls back on each signal that asks for an end, until the returned function is called.
 * It listens as Node does: prompts look there, and send the signal again where nobody listens.
 */
export function onInterrupt(callback: (signal: string) => void): () => void {
  const handlers = signals.map((signal) => {
    const handler = (): void => callback(signal);
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers.splice(0)) {
      process.off(signal, handler);
    }
  };
}
