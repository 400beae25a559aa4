/** INT, TERM and HUP; Windows knows only the first and its Ctrl-Break. */
const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Calls back on each signal that asks for an end, until the returned function is called. It does not
 * listen by way of Node's process, which takes longer to load than `pxrun validate` to run.
 */
export function onInterrupt(callback: (signal: string) => void): () => void {
  const handlers = signals.map((signal) => {
    const handler = (): void => callback(signal);
    Deno.addSignalListener(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers.splice(0)) {
      Deno.removeSignalListener(signal, handler);
    }
  };
}
