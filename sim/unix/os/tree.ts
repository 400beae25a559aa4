import { Errno } from "./errno.ts";

/** Properties of every kind of file. */
export interface Inode {
  readonly ino: number;
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since the epoch. */
  mtime: number;
}

/** A regular file. */
export interface FileNode extends Inode {
  readonly kind: "file";
  data: Uint8Array;
  /** Generator of content that is made at the time of reading, as in /proc. */
  readonly generate?: () => Uint8Array;
}

/** A directory. */
export interface DirNode extends Inode {
  readonly kind: "dir";
  readonly entries: Map<string, Node>;
  /** Entries that exist only while they are asked for, as in /proc. */
  readonly generate?: () => ReadonlyMap<string, Node>;
}

/** A symbolic link. */
export interface LinkNode extends Inode {
  readonly kind: "link";
  readonly target: string;
}

/** A character device. */
export interface DeviceNode extends Inode {
  readonly kind: "device";
  readonly device: "null" | "zero" | "full" | "urandom" | "tty";
}

/** Anything with a name in the tree. */
export type Node = FileNode | DirNode | LinkNode | DeviceNode;

/** User who touches a file. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Root, for whom permissions do not count. */
export const ROOT_USER: Credentials = { uid: 0, gid: 0, groups: [0] };

/** User who creates a file, and its mode before the umask. */
export interface Creation {
  readonly who?: Credentials;
  readonly mode?: number;
}

let lastInode = 1;

function inode(mode: number, who: Credentials): Inode {
  return { ino: ++lastInode, mode, uid: who.uid, gid: who.gid, mtime: Date.now() };
}

/** A regular file that no directory names yet. */
export function makeFile(data: Uint8Array, mode = 0o644, who = ROOT_USER): FileNode {
  return { kind: "file", data, ...inode(mode, who) };
}

/** A directory that no directory names yet. */
export function makeDir(mode = 0o755, who = ROOT_USER): DirNode {
  return { kind: "dir", entries: new Map(), ...inode(mode, who) };
}

/** A file whose content is made when it is read. */
export function makeVirtualFile(generate: () => Uint8Array, mode = 0o444): FileNode {
  return { kind: "file", data: new Uint8Array(), generate, ...inode(mode, ROOT_USER) };
}

/** A directory whose entries are made when it is looked at. */
export function makeVirtualDir(generate: () => ReadonlyMap<string, Node>): DirNode {
  return { kind: "dir", entries: new Map(), generate, ...inode(0o555, ROOT_USER) };
}

/** A character device that no directory names yet. */
export function makeDevice(device: DeviceNode["device"], mode = 0o666): DeviceNode {
  return { kind: "device", device, ...inode(mode, ROOT_USER) };
}

/** A symbolic link that no directory names yet. */
export function makeLink(target: string, who = ROOT_USER): LinkNode {
  return { kind: "link", target, ...inode(0o777, who) };
}

/** The entries of a directory, made ones included. */
export function entriesOf(dir: DirNode): ReadonlyMap<string, Node> {
  return dir.generate?.() ?? dir.entries;
}

/** The content of a regular file. */
export function contentOf(file: FileNode): Uint8Array {
  return file.generate?.() ?? file.data;
}

/** True if somebody may read (4), write (2) or execute (1). */
export function may(node: Inode, who: Credentials, want: number): boolean {
  if (who.uid === 0) return want !== 1 || (node.mode & 0o111) !== 0;
  const shift = node.uid === who.uid
    ? 6
    : who.gid === node.gid || who.groups.includes(node.gid)
    ? 3
    : 0;
  return ((node.mode >> shift) & want) === want;
}

/** Absolute path without `.`, `..` and double slashes; says nothing about links. */
export function normalize(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}

/** A path with its last component cut off. */
export function dirname(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last component of a path. */
export function basename(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

/** A file system in memory. Paths are absolute byte strings. */
export class FileTree {
  readonly root: DirNode = makeDir();

  /** The node at a path, without following a link at its end when told so. */
  lookup(path: string, follow = true): Node {
    return this.#walk(path, follow).node ?? fail("ENOENT");
  }

  /** The node at a path, or undefined when there is none to reach. */
  find(path: string, follow = true): Node | undefined {
    try {
      return this.lookup(path, follow);
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }

  /** A directory, or the error that listing it gives. */
  dir(path: string): DirNode {
    const node = this.lookup(path);
    return node.kind === "dir" ? node : fail("ENOTDIR");
  }

  /** Opens a regular file for writing, makes it where it is missing. */
  create(path: string, { who = ROOT_USER, mode = 0o644 }: Creation = {}): Node {
    const { parent, name, node } = this.#walk(path, true);
    if (node !== undefined) return node.kind === "dir" ? fail("EISDIR") : node;
    const made = makeFile(new Uint8Array(), mode, who);
    this.#insert(parent, name, made, who);
    return made;
  }

  /** Writes a whole file, and the directories above it. */
  write(path: string, data: Uint8Array, mode?: number): void {
    this.mkdirs(dirname(path));
    const node = this.create(path);
    if (node.kind !== "file") return;
    node.data = data;
    node.mtime = Date.now();
    if (mode !== undefined) node.mode = mode;
  }

  /** Puts a node under a free name. */
  insert(path: string, made: Node, who = ROOT_USER): void {
    const { parent, name, node } = this.#walk(path, false);
    if (node !== undefined || name === "") fail("EEXIST");
    this.#insert(parent, name, made, who);
  }

  /** Makes a directory and those above it that are missing. */
  mkdirs(path: string, { who = ROOT_USER, mode = 0o755 }: Creation = {}): void {
    const node = this.find(path);
    if (node?.kind === "dir") return;
    if (node !== undefined) fail("EEXIST");
    this.mkdirs(dirname(path), { who, mode });
    this.insert(path, makeDir(mode, who), who);
  }

  /** Removes a name; a directory only when it is empty. */
  remove(path: string, kind: "file" | "dir", who = ROOT_USER): void {
    const { parent, name, node } = this.#walk(path, false);
    if (node === undefined) return fail("ENOENT");
    if (kind === "dir" && node.kind !== "dir") fail("ENOTDIR");
    if (kind === "file" && node.kind === "dir") fail("EISDIR");
    if (node.kind === "dir" && entriesOf(node).size > 0) fail("ENOTEMPTY");
    if (!may(parent, who, 2)) fail("EACCES");
    parent.entries.delete(name);
    parent.mtime = Date.now();
  }

  /** Gives a node another name, over one that is there. */
  rename(from: string, to: string, who = ROOT_USER): void {
    const source = this.#walk(from, false);
    if (source.node === undefined) return fail("ENOENT");
    const target = this.#walk(to, false);
    if (target.node === source.node) return;
    if ((target.path + "/").startsWith(source.path + "/")) fail("EINVAL");
    if (target.node !== undefined) {
      if (target.node.kind === "dir" && source.node.kind !== "dir") fail("EISDIR");
      if (target.node.kind !== "dir" && source.node.kind === "dir") fail("ENOTDIR");
      if (target.node.kind === "dir" && target.node.entries.size > 0) fail("ENOTEMPTY");
    }
    if (!may(source.parent, who, 2) || !may(target.parent, who, 2)) fail("EACCES");
    source.parent.entries.delete(source.name);
    target.parent.entries.set(target.name, source.node);
    target.parent.mtime = Date.now();
  }

  #insert(parent: DirNode, name: string, made: Node, who: Credentials): void {
    if (parent.generate !== undefined) fail("EPERM");
    if (!may(parent, who, 2)) fail("EACCES");
    parent.entries.set(name, made);
    parent.mtime = Date.now();
  }

  /** Follows a path; `node` is undefined where only its last name is missing. */
  #walk(path: string, follow: boolean): Step {
    let links = 0;
    const rest = path.split("/").filter((part) => part !== "" && part !== ".");
    const trail: { name: string; dir: DirNode }[] = [];
    let here: DirNode = this.root;
    while (true) {
      const name = rest.shift();
      if (name === undefined) break;
      if (name === "..") {
        trail.pop();
        here = trail.at(-1)?.dir ?? this.root;
        continue;
      }
      const node = entriesOf(here).get(name);
      const last = rest.length === 0;
      const at = { path: pathOf(trail, name), parent: here, name };
      if (node?.kind === "link" && (!last || follow)) {
        if (++links > 20) fail("ELOOP");
        rest.unshift(...node.target.split("/").filter((part) => part !== "" && part !== "."));
        if (node.target.startsWith("/")) {
          trail.length = 0;
          here = this.root;
        }
        continue;
      }
      if (last) return { ...at, node };
      if (node === undefined) return fail("ENOENT");
      if (node.kind !== "dir") return fail("ENOTDIR");
      trail.push({ name, dir: node });
      here = node;
    }
    const parent = trail.at(-2)?.dir ?? this.root;
    return { path: pathOf(trail, ""), parent, name: trail.at(-1)?.name ?? "", node: here };
  }
}

interface Step {
  readonly path: string;
  readonly parent: DirNode;
  readonly name: string;
  readonly node: Node | undefined;
}

function pathOf(trail: readonly { readonly name: string }[], name: string): string {
  return "/" + [...trail.map((step) => step.name), name].filter((part) => part !== "").join("/");
}

function fail(code: ConstructorParameters<typeof Errno>[0]): never {
  throw new Errno(code);
}
