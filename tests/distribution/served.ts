import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".ts": "application/typescript",
  ".js": "text/javascript",
  ".json": "application/json",
};

/** Files of a directory, by HTTP. */
export interface Served extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly origin: string;
  /** Paths that were asked for, without those that are not there. */
  readonly paths: string[];
}

/**
 * Serves files on this machine.
 *
 * @param read The text at a path, or nothing where there is none.
 */
export function serve(read: (path: string) => Promise<string | undefined>): Served {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
    const text = await read(path);
    if (text === undefined) return new Response("not found", { status: 404 });
    paths.push(path);
    return new Response(text, {
      headers: { "content-type": types[extname(path)] ?? "text/plain" },
    });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    paths,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Reads the files of a directory for {@linkcode serve}. */
export function filesOf(directory: string): (path: string) => Promise<string | undefined> {
  return (path) => Deno.readTextFile(join(directory, path)).catch(() => undefined);
}
