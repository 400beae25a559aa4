import type { IFileSystem } from "just-bash";
import { bytesOf, concat, fromByteString, toByteString } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { contentOf, entriesOf, makeDir, makeLink, type Node, normalize } from "../os/tree.ts";

type Stat = Awaited<ReturnType<IFileSystem["stat"]>>;
type Content = Parameters<IFileSystem["writeFile"]>[1];
type Encoding = Parameters<IFileSystem["writeFile"]>[2];

/** Where a tool's standard output is caught, byte for byte. */
export const OUTPUT = "/dev/.tool-output";

/** The files that a just-bash tool sees: those of the process that runs it. */
export class BashFs implements IFileSystem {
  readonly #process: Process;
  readonly #output: Uint8Array[] = [];

  /** @param process Whose rights, umask and system count. */
  constructor(process: Process) {
    this.#process = process;
  }

  /** What the tool wrote to standard output. */
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
    return this.#store(path, content, encoding, "write");
  }

  appendFile(path: string, content: Content, encoding?: Encoding): Promise<void> {
    return this.#store(path, content, encoding, "append");
  }

  #store(
    path: string,
    content: Content,
    encoding: Encoding,
    how: "write" | "append",
  ): Promise<void> {
    const bytes = encode(content, encoding);
    if (path === OUTPUT) {
      this.#output.push(bytes);
      return Promise.resolve();
    }
    return this.#call(path, "open", async () => {
      const file = this.#process.open(toByteString(path), how).hold();
      await file.write(bytes).finally(() => file.release());
    });
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#process.system.tree.find(toByteString(path)) !== undefined);
  }

  stat(path: string): Promise<Stat> {
    if (path === OUTPUT) return Promise.reject(new Error(`ENOENT: no such file, stat '${path}'`));
    return this.#call(path, "stat", () => statOf(this.#find(path)));
  }

  lstat(path: string): Promise<Stat> {
    return this.#call(path, "lstat", () => statOf(this.#find(path, false)));
  }

  mkdir(path: string, options?: { recursive?: boolean }): Promise<void> {
    const { system, who, umask } = this.#process;
    const mode = 0o777 & ~umask;
    return this.#call(
      path,
      "mkdir",
      () =>
        options?.recursive === true
          ? system.tree.mkdirs(toByteString(path), { who, mode })
          : system.tree.insert(toByteString(path), makeDir(mode, who), who),
    );
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

  rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void> {
    const remove = (at: string): void => {
      const { tree } = this.#process.system;
      const node = tree.lookup(at, false);
      if (node.kind === "dir" && options?.recursive === true) {
        for (const name of [...entriesOf(node).keys()]) remove(`${at}/${name}`);
      }
      tree.remove(at, node.kind === "dir" ? "dir" : "file", this.#process.who);
    };
    return this.#call(path, "rm", () => {
      const at = toByteString(path);
      if (options?.force !== true || this.#process.system.tree.find(at, false)) remove(at);
    });
  }

  async cp(src: string, dest: string, options?: { recursive?: boolean }): Promise<void> {
    const { isDirectory } = await this.stat(src);
    if (!isDirectory) return await this.writeFile(dest, await this.readFileBuffer(src));
    if (options?.recursive !== true) throw new Error(`EISDIR: is a directory, cp '${src}'`);
    await this.mkdir(dest, { recursive: true });
    for (const name of await this.readdir(src)) {
      await this.cp(`${src}/${name}`, `${dest}/${name}`, options);
    }
  }

  mv(src: string, dest: string): Promise<void> {
    return this.#call(
      src,
      "rename",
      () =>
        this.#process.system.tree.rename(toByteString(src), toByteString(dest), this.#process.who),
    );
  }

  resolvePath(base: string, path: string): string {
    return normalize(base, path);
  }

  getAllPaths(): string[] {
    return [];
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#call(path, "chmod", () => {
      this.#find(path).mode = mode;
    });
  }

  symlink(target: string, linkPath: string): Promise<void> {
    const { system, who } = this.#process;
    return this.#call(
      linkPath,
      "symlink",
      () => system.tree.insert(toByteString(linkPath), makeLink(toByteString(target), who), who),
    );
  }

  link(existingPath: string, newPath: string): Promise<void> {
    return this.#call(newPath, "link", () =>
      this.#process.system.tree.insert(
        toByteString(newPath),
        this.#find(existingPath),
        this.#process.who,
      ));
  }

  readlink(path: string): Promise<string> {
    return this.#call(path, "readlink", () => {
      const node = this.#find(path, false);
      if (node.kind !== "link") throw new Errno("EINVAL");
      return fromByteString(node.target);
    });
  }

  realpath(path: string): Promise<string> {
    return this.#call(
      path,
      "realpath",
      () => fromByteString(this.#process.system.tree.realpath(toByteString(path))),
    );
  }

  utimes(path: string, _atime: Date, mtime: Date): Promise<void> {
    return this.#call(path, "utimes", () => {
      this.#find(path).mtime = mtime.getTime();
    });
  }
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

function encode(content: Content, encoding: Encoding): Uint8Array {
  if (typeof content !== "string") return content;
  const name = typeof encoding === "string" ? encoding : encoding?.encoding;
  if (name === "binary" || name === "latin1" || name === "ascii") return bytesOf(content);
  return bytesOf(toByteString(content));
}
