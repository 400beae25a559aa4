import { type Path, pathText, type Position } from "../problem.ts";

/** Location of one value, as offsets into the text. */
export interface Place {
  readonly path: Path;
  /** Of its key; undefined for an item of a list. */
  readonly key: number | undefined;
  readonly start: number;
  readonly end: number;
  /** True if it is a text: that is found at its value, all else at its key. */
  readonly isText: boolean;
}

/** Locations of the values of a text. */
export class Places {
  readonly #lineStarts: number[] = [0];
  readonly #places = new Map<string, Place>();

  /** @param text The whole text. */
  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** Notes where a value stands. */
  add(place: Place): void {
    this.#places.set(pathText(place.path), place);
  }

  /**
   * Location of a value (of a list or mapping: its key); for a path that was not
   * written, its nearest parent that was.
   */
  positionOf(path: Path): Position {
    const place = this.#nearest(path);
    const exact = place?.path.length === path.length && place.isText;
    return this.locate(exact ? place.start : place?.key ?? place?.start ?? 0);
  }

  /** Location of the key of a value, or of its nearest parent's. */
  keyPositionOf(path: Path): Position {
    const place = this.#nearest(path);
    return this.locate(place?.key ?? place?.start ?? 0);
  }

  /** The innermost value that covers an offset of the text; empty for a comment. */
  pathAt(offset: number): Path {
    let found: Path = [];
    for (const { path, start, end } of this.#places.values()) {
      if (start <= offset && offset < end && path.length > found.length) found = path;
    }
    return found;
  }

  /** Line and column of an offset of the text. */
  locate(offset: number): Position {
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  #nearest(path: Path): Place | undefined {
    for (let length = path.length; length > 0; length--) {
      const place = this.#places.get(pathText(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return undefined;
  }
}
