import { BrokenPipe, OpenFile } from "./open_file.ts";

const CAPACITY = 65536;

/** The two ends of a pipe: writers wait while it is full, readers while it is empty. */
export function makePipe(): { readonly reader: OpenFile; readonly writer: OpenFile } {
  const pipe = new Pipe();
  return { reader: new ReadEnd(pipe), writer: new WriteEnd(pipe) };
}

class Pipe {
  readonly chunks: Uint8Array[] = [];
  size = 0;
  readerOpen = true;
  writerOpen = true;
  #waiting: (() => void)[] = [];

  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

class ReadEnd extends OpenFile {
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  protected override async pull(): Promise<Uint8Array | undefined> {
    const pipe = this.#pipe;
    while (pipe.chunks.length === 0 && pipe.writerOpen) await pipe.change();
    const chunk = pipe.chunks.shift();
    if (chunk === undefined) return undefined;
    pipe.size -= chunk.length;
    pipe.changed();
    return chunk;
  }

  protected override closed(): void {
    this.#pipe.readerOpen = false;
    this.#pipe.changed();
  }
}

class WriteEnd extends OpenFile {
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const pipe = this.#pipe;
    while (pipe.size >= CAPACITY && pipe.readerOpen) await pipe.change();
    if (!pipe.readerOpen) throw new BrokenPipe();
    if (bytes.length === 0) return;
    pipe.chunks.push(bytes.slice());
    pipe.size += bytes.length;
    pipe.changed();
  }

  protected override closed(): void {
    this.#pipe.writerOpen = false;
    this.#pipe.changed();
  }
}
