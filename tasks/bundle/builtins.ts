/**
 * Node's own modules in the bundle. Loading `node:process`, `node:util` and `node:events` takes as long
 * as all of `pxrun validate`, so nothing takes them before it needs them.
 */
import { isBuiltin } from "node:module";
import { join } from "node:path";
import type { Plugin } from "../../deps/esbuild.ts";

/** The part of them that commander needs. */
const light: Readonly<Record<string, string>> = {
  events: `export class EventEmitter {
    #listeners = new Map();
    on(name, listener) {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
      return this;
    }
    listenerCount(name) {
      return this.#listeners.get(name)?.length ?? 0;
    }
    emit(name, ...args) {
      const listeners = this.#listeners.get(name) ?? [];
      for (const listener of listeners) listener.apply(this, args);
      return listeners.length > 0;
    }
  }`,
  util: `export const stripVTControlCharacters = (text) =>
    text.includes("\\x1b") || text.includes("\\x9b")
      ? process.getBuiltinModule("util").stripVTControlCharacters(text)
      : text;`,
};

/**
 * A module which is there from its first use on: esbuild's named and default imports are properties
 * of what this exports, and look for them in its prototype.
 */
const late = (name: string): string =>
  `let builtin;
  module.exports = Object.create(new Proxy({}, {
    get: (_, key) => key === "__esModule"
      ? undefined
      : (builtin ??= process.getBuiltinModule("${name}"))[key],
  }));`;

const packages = /[\\/]node_modules[\\/]/;
const commander = /[\\/]commander[\\/]/;

/** Takes Node's modules when the code that needs them runs. */
export const builtins: Plugin = {
  name: "node's modules on use",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) => {
      const name = path.replace(/^node:/, "");
      if (!isBuiltin(name)) return undefined;
      if (commander.test(importer)) {
        return { path: name, namespace: name in light ? "light" : "late" };
      }
      if (name === "path" && kind === "import-statement" && !packages.test(importer)) {
        return { path: join(import.meta.dirname ?? ".", "path.ts") };
      }
      return { path: name, namespace: kind === "import-statement" ? "late" : "whole" };
    });
    // A package may take the module itself as a function or a class.
    onLoad({ filter: /.*/, namespace: "whole" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("${path}");`,
    }));
    onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({ contents: late(path) }));
    onLoad({ filter: /.*/, namespace: "light" }, ({ path }) => ({ contents: light[path] ?? "" }));
    // It asks the process for colours when it is loaded; pxrun says what it wants.
    onLoad({ filter: /[\\/]picocolors\.js$/ }, async ({ path }) => ({
      contents: `const process = {};\n${await Deno.readTextFile(path)}`,
    }));
  },
};
