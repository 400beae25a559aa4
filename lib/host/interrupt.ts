import { system } from "./system.ts";

/**
 * Calls back on each signal that asks for an end, until the returned function is called. It does not
 * listen by way of Node's process, which takes longer to load than `pxrun validate` to run.
 */
export function onInterrupt(callback: (signal: string) => void): () => void {
  const handlers = system.endSignals.map((signal) => {
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
