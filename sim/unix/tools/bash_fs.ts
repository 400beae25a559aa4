import type { IFileSystem } from "../../../deps/just_bash.ts";
import { bytesOf, concat, fromByteString, toByteString } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { contentOf, entriesOf, type Node, normalize } from "../os/tree.ts";

type Stat = Awaited<ReturnType<IFileSystem["stat"]>>;
type Content = Parameters<IFileSystem["writeFile"]>[1];
type Encoding = Parameters<IFileSystem["writeFile"]>[2];

/** Buffer of a tool's standard output, byte for byte. */
export const OUTPUT = "/dev/.tool-output";

/**
 * The files that a just-bash tool sees: those of the process that runs it. It can read them; what
 * would change any is refused, since no tool here has to.
 */
export class BashFs implements IFileSystem {
  readonly #process: Process;
  readonly #output: Uint8Array[] = [];

  /** @param process Whose rights and system count. */
  constructor(process: Process) {
    this.#process = process;
  }

  /** Standard output of the tool. */
  get output(): Uint8Array {
    return concat(this.#output);
  }

  #find(path: string, follow = true): Node {
    return this.#process.system.tree.lookup(toByteString(path), follow);
  }

  async #call<T>(path: string, operation: string, run: () => T | Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const text = error.message.toLowerCase();
      throw Object.assign(new Error(`${error.code}: ${text}, ${operation} '${path}'`), {
        code: error.code,
      });
    }
  }

  async readFile(path: string): Promise<string> {
    return new TextDecoder().decode(await this.readFileBuffer(path));
  }

  readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#call(path, "open", () => this.#process.readFile(toByteString(path)));
  }

  writeFile(path: string, content: Content, encoding?: Encoding): Promise<void> {
    if (path !== OUTPUT) return refused();
    const name = typeof encoding === "string" ? encoding : encoding?.encoding;
    const bytes = typeof content === "string"
      ? bytesOf(/^(binary|latin1|ascii)$/.test(name ?? "") ? content : toByteString(content))
      : content;
    this.#output.push(bytes);
    return Promise.resolve();
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#process.system.tree.find(toByteString(path)) !== undefined);
  }

  stat(path: string): Promise<Stat> {
    return this.#call(path, "stat", () => statOf(this.#find(path)));
  }

  lstat(path: string): Promise<Stat> {
    return this.#call(path, "lstat", () => statOf(this.#find(path, false)));
  }

  readdir(path: string): Promise<string[]> {
    return this.#call(
      path,
      "scandir",
      () =>
        [...entriesOf(this.#process.system.tree.dir(toByteString(path))).keys()]
          .map(fromByteString).sort(),
    );
  }

  resolvePath(base: string, path: string): string {
    return normalize(base, path);
  }

  getAllPaths = (): string[] => [];
  appendFile = refused;
  mkdir = refused;
  rm = refused;
  cp = refused;
  mv = refused;
  chmod = refused;
  symlink = refused;
  link = refused;
  readlink = refused;
  realpath = refused;
  utimes = refused;
}

function refused(): Promise<never> {
  return Promise.reject(new Errno("EROFS"));
}

function statOf(node: Node): Stat {
  return {
    isFile: node.kind === "file" || node.kind === "device",
    isDirectory: node.kind === "dir",
    isSymbolicLink: node.kind === "link",
    mode: node.mode,
    size: node.kind === "file" ? contentOf(node).length : node.kind === "dir" ? 4096 : 0,
    mtime: new Date(node.mtime),
    ino: node.ino,
  };
}
