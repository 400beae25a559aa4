/**
 * The functions of `node:path` for the bundle: the module itself takes a third as long to load as an empty
 * script to run. POSIX paths alone are taken here; on Windows, Node's own module is asked on use.
 */
import type * as nodePath from "node:path";

const windows = Deno.build.os === "windows";

/** A function that the types of Deno's `process` leave out. */
interface WithBuiltins {
  readonly process: { getBuiltinModule(name: "node:path"): typeof nodePath };
}

function real(): typeof nodePath {
  return (globalThis as unknown as WithBuiltins).process.getBuiltinModule("node:path");
}

function normal(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (parts.at(-1) ?? "..") === "..") {
      if (part !== ".." || !absolute) parts.push(part);
    } else parts.pop();
  }
  return (absolute ? "/" : "") + parts.join("/");
}

export function isAbsolute(path: string): boolean {
  return windows ? real().isAbsolute(path) : path.startsWith("/");
}

export function join(...paths: string[]): string {
  if (windows) return real().join(...paths);
  const path = paths.filter((one) => one !== "").join("/");
  const joined = normal(path);
  if (joined === "") return path.endsWith("/") ? "./" : ".";
  return path.endsWith("/") && joined !== "/" ? `${joined}/` : joined;
}

export function resolve(...paths: string[]): string {
  if (windows) return real().resolve(...paths);
  let path = "";
  for (const one of paths.toReversed()) {
    if (one !== "" && !path.startsWith("/")) path = `${one}/${path}`;
  }
  return normal(path.startsWith("/") ? path : `${Deno.cwd()}/${path}`);
}

export function dirname(path: string): string {
  if (windows || path.includes("//")) return real().dirname(path);
  const [, directory] = /^(.*)\/[^/]+\/?$/s.exec(path) ?? [];
  return directory || (path.startsWith("/") ? "/" : ".");
}

export function basename(path: string, suffix?: string): string {
  if (windows || suffix !== undefined) return real().basename(path, suffix);
  return /([^/]*)\/*$/.exec(path)?.[1] ?? "";
}

export function relative(from: string, to: string): string {
  return real().relative(from, to);
}
