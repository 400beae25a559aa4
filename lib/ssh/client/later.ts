import type { Stdin } from "./transport.ts";

/** Standard input from the moment on that the command has begun; nothing when that attempt is over. */
export async function* later(
  begun: Promise<void>,
  over: AbortSignal,
  stdin: Stdin | undefined,
): AsyncGenerator<Uint8Array> {
  await begun;
  if (stdin === undefined || over.aborted) return;
  if (typeof stdin === "string") yield new TextEncoder().encode(stdin);
  else if (stdin instanceof Uint8Array) yield stdin;
  else yield* stdin;
}
