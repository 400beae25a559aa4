import { Errno } from "./errno.ts";
import { contentOf, type DeviceNode, type FileNode, type Node } from "./tree.ts";

/** Thrown by a write that nobody can read any more. */
export class BrokenPipe extends Error {}

/** Open file behind a file descriptor; several descriptors of several processes may hold it. */
export class OpenFile {
  /** True if this is a terminal. */
  readonly terminal: boolean = false;
  #holders = 0;
  /** Bytes that were read too far, the last given back at the end. */
  readonly #pushed: Uint8Array[] = [];

  /** At most `max` bytes, or undefined at the end. */
  async read(max: number): Promise<Uint8Array | undefined> {
    const bytes = this.#pushed.pop() ?? await this.pull(max);
    if (bytes === undefined || bytes.length <= max) return bytes;
    this.#pushed.push(bytes.subarray(max));
    return bytes.subarray(0, max);
  }

  /** Gives back bytes that were read too far. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pushed.push(bytes);
  }

  /** Writes all of it. */
  write(_bytes: Uint8Array): Promise<void> {
    return Promise.reject(new Errno("EBADF"));
  }

  /** One more descriptor stands for this. */
  hold(): this {
    this.#holders++;
    return this;
  }

  /** One descriptor less; the last one closes it. */
  release(): void {
    if (--this.#holders === 0) this.closed();
  }

  protected pull(_max: number): Promise<Uint8Array | undefined> {
    return Promise.reject(new Errno("EBADF"));
  }

  protected closed(): void {}
}

/** A regular file with a position. */
class OpenRegular extends OpenFile {
  readonly #node: FileNode;
  readonly #append: boolean;
  #at = 0;
  /** Number of bytes by which this has grown the data; no one else writes behind its end. */
  #room = new ArrayBuffer(0);

  constructor(node: FileNode, append: boolean) {
    super();
    this.#node = node;
    this.#append = append;
  }

  protected override pull(max: number): Promise<Uint8Array | undefined> {
    const bytes = contentOf(this.#node).subarray(this.#at, this.#at + max);
    this.#at += bytes.length;
    return Promise.resolve(bytes.length === 0 ? undefined : bytes);
  }

  override write(bytes: Uint8Array): Promise<void> {
    const old = this.#node.data;
    const at = this.#append ? old.length : this.#at;
    const end = at + bytes.length;
    const grows = at === old.length && bytes.length > 0;
    if (!grows || old.buffer !== this.#room || end > this.#room.byteLength) {
      this.#room = new ArrayBuffer(grows ? 2 * end : Math.max(old.length, end));
      new Uint8Array(this.#room).set(old);
    }
    const data = new Uint8Array(this.#room, 0, Math.max(old.length, end));
    data.set(bytes, at);
    this.#node.data = data;
    this.#node.mtime = Date.now();
    this.#at = at + bytes.length;
    return Promise.resolve();
  }
}

/** /dev/null and its relatives. */
class OpenDevice extends OpenFile {
  readonly #device: DeviceNode["device"];

  constructor(device: DeviceNode["device"]) {
    super();
    this.#device = device;
  }

  protected override pull(max: number): Promise<Uint8Array | undefined> {
    if (this.#device === "null") return Promise.resolve(undefined);
    const bytes = new Uint8Array(Math.min(max, 65536));
    if (this.#device === "urandom") crypto.getRandomValues(bytes);
    return Promise.resolve(bytes);
  }

  override write(): Promise<void> {
    return this.#device === "full" ? Promise.reject(new Errno("ENOSPC")) : Promise.resolve();
  }
}

/** Opens a node of the tree. */
export function openNode(
  node: Node,
  options: { append?: boolean; truncate?: boolean } = {},
): OpenFile {
  if (node.kind === "dir") throw new Errno("EISDIR");
  if (node.kind === "link") throw new Errno("ELOOP");
  if (node.kind === "device") return new OpenDevice(node.device);
  if (options.truncate === true) {
    node.data = new Uint8Array();
    node.mtime = Date.now();
  }
  return new OpenRegular(node, options.append === true);
}

/** Text that is there to be read, as a here-document gives it. */
export class OpenText extends OpenFile {
  #rest: Uint8Array;

  /** @param bytes What there is to read. */
  constructor(bytes: Uint8Array) {
    super();
    this.#rest = bytes;
  }

  protected override pull(max: number): Promise<Uint8Array | undefined> {
    const bytes = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(bytes.length);
    return Promise.resolve(bytes.length === 0 ? undefined : bytes);
  }
}

/** A stream that comes from outside the simulated system. */
export class OpenInput extends OpenFile {
  override readonly terminal: boolean;
  readonly #chunks: AsyncIterator<Uint8Array>;

  /** @param source Where the bytes come from; asked only when somebody reads. */
  constructor(source: AsyncIterable<Uint8Array>, terminal = false) {
    super();
    this.#chunks = source[Symbol.asyncIterator]();
    this.terminal = terminal;
  }

  protected override async pull(): Promise<Uint8Array | undefined> {
    while (true) {
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      if (value.length > 0) return value;
    }
  }
}

/** A stream that leads out of the simulated system. */
export class OpenOutput extends OpenFile {
  override readonly terminal: boolean;
  readonly #to: (chunk: Uint8Array) => void | Promise<void>;
  readonly #onClose: () => void;

  /**
   * @param to Takes what is written; a promise that it gives holds the writer back.
   * @param onClose Called when no process holds it any more.
   */
  constructor(
    to: (chunk: Uint8Array) => void | Promise<void>,
    onClose: () => void = () => {},
    terminal = false,
  ) {
    super();
    this.#to = to;
    this.#onClose = onClose;
    this.terminal = terminal;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    await this.#to(bytes);
  }

  protected override closed(): void {
    this.#onClose();
  }
}
