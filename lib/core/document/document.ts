import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit } from "../../../deps/yaml.ts";
import type { Alias, Document, Node, Scalar, YAMLError, YAMLMap } from "../../../deps/yaml.ts";
import { nearest } from "../nearest.ts";
import { Places } from "./places.ts";
import { byPosition, isReserved, type Path, pathText, type Problem } from "../problem.ts";
import { oddSpaceIn, oddSpaces, oddSpaceWords, tagWords, yamlWords } from "./yaml_words.ts";

/**
 * Contents of a document. A scalar is kept as its text, for only the field that
 * reads it knows what it should be: so `0644`, `1.10` and `no` stay what was written.
 */
export type Data = string | null | Data[] | Mapping;

/** Keys and their values. */
export interface Mapping {
  [key: string]: Data;
}

/** A YAML text as data that knows where each of its values stands. */
export interface LocatedDocument {
  /** The top-level mapping; undefined when the text cannot be read at all. */
  readonly data: Mapping | undefined;
  /** Problems of the YAML itself, in the order of the text. */
  readonly problems: readonly Problem[];
  readonly places: Places;
}

/** The longest text that is read, in characters. */
const MAX_LENGTH = 512 * 1024;
/** The most values that a text may hold once its aliases are followed. */
const MAX_VALUES = 20_000;
const MAX_DEPTH = 40;
const MERGE_TAG = "tag:yaml.org,2002:merge";
const KEPT_TAGS = new Set([
  "!",
  "tag:yaml.org,2002:str",
  "tag:yaml.org,2002:map",
  "tag:yaml.org,2002:seq",
  MERGE_TAG,
]);
const NULLS = new Set(["", "~", "null", "Null", "NULL"]);

/**
 * Reads one YAML document: aliases and merge keys are followed, bombs are refused.
 * It does not throw: whatever is wrong with the text is a problem.
 */
export function readDocument(text: string): LocatedDocument {
  // A CR by itself ends a line, too; the parser knows only CRLF and LF.
  return new Reader(text.replace(/^\uFEFF/, "").replace(/\r(?!\n)/g, "\n")).read();
}

class Reader {
  readonly #text: string;
  readonly #places: Places;
  readonly #problems: Problem[] = [];
  readonly #targets = new Map<Alias, Node>();
  readonly #open = new Set<Node>();
  #values = 0;
  #unreadable = false;

  constructor(text: string) {
    this.#text = text;
    this.#places = new Places(text);
  }

  read(): LocatedDocument {
    const data = this.#topLevel();
    return {
      data: this.#unreadable ? undefined : data,
      problems: this.#problems.sort(byPosition),
      places: this.#places,
    };
  }

  #topLevel(): Mapping | undefined {
    if (this.#text.length > MAX_LENGTH) {
      return this.#refuse(0, `the text is longer than ${MAX_LENGTH / 1024} KiB`);
    }
    const nul = this.#text.indexOf("\0");
    if (nul >= 0) return this.#refuse(nul, "a NUL character; save the file as UTF-8 text");
    const [document, second] = this.#parse();
    if (this.#unreadable) return undefined;
    if (second !== undefined) {
      return this.#refuse(second.range[0], "a second document begins here; one file holds one");
    }
    const root = document?.contents ?? null;
    if (document === undefined || root === null || (isScalar(root) && isNull(root))) {
      return this.#refuse(0, "there is nothing in it");
    }
    if (!isMap(root)) {
      return this.#refuse(
        startOf(root),
        "it must begin with keys and values, such as `key: value`",
      );
    }
    this.#findTargets(document);
    return this.#unreadable ? undefined : this.#mapping(root, []);
  }

  #parse(): Document.Parsed[] {
    try {
      const documents = parseAllDocuments(this.#text, {
        schema: "failsafe",
        // Told here with both places, and without comparing every key with every other.
        uniqueKeys: false,
        prettyErrors: false,
        logLevel: "silent",
      });
      const parsed = [...documents];
      const odd = this.#tellOddSpaces(parsed);
      const errors = parsed.flatMap((one) => [...one.errors, ...one.warnings]);
      // What the parser finds behind an odd space follows from it.
      this.#tellErrors(errors.filter(({ pos }) => odd === undefined || pos[1] < odd));
      return parsed;
    } catch {
      this.#refuse(0, "it is not YAML that can be read");
      return [];
    }
  }

  /** One mistake often makes several errors after it: each kind is reported once, and one per line. */
  #tellErrors(errors: readonly YAMLError[]): void {
    const told = new Set<string | number>();
    const end = this.#text.trimEnd().length;
    for (const error of errors) {
      const at = Math.min(end, this.#afterSpaces(error.pos[0]));
      const { line } = this.#places.locate(at);
      const words = yamlWords(error, this.#text);
      if (!told.has(line) && !told.has(words)) this.#refuse(at, words);
      told.add(line).add(words);
    }
  }

  /**
   * Blanks that look like spaces and are none, where a space has a meaning: YAML takes them for
   * a part of the key or the value. In quotes, blocks and comments they are as good as any other,
   * and so are those between the words of a value.
   *
   * @returns The offset of the first.
   */
  #tellOddSpaces(documents: readonly Document.Parsed[]): number | undefined {
    const texts: [start: number, end: number][] = [];
    const odd = new Set<number>();
    for (const document of documents) {
      visit(document, {
        Scalar: (role, { type, range }) => {
          if (!range) return;
          const [start, end] = range;
          if (type !== "PLAIN") texts.push([start, end]);
          else {
            const at = oddSpaceIn(this.#text.slice(start, end), role === "key");
            if (at !== undefined) odd.add(start + at);
          }
        },
      });
    }
    for (const at of oddSpaces(this.#text)) {
      if (!texts.some(([start, end]) => start <= at && at < end)) odd.add(at);
    }
    for (const at of odd) this.#refuse(at, oddSpaceWords(this.#text[at] ?? ""));
    return odd.size === 0 ? undefined : Math.min(...odd);
  }

  #afterSpaces(offset: number): number {
    let at = offset;
    while (this.#text[at] === " ") at++;
    return at;
  }

  /** An alias means the anchor of its name that stands before it, nearest. */
  #findTargets(document: Document.Parsed): void {
    const anchors = new Map<string, Node>();
    visit(document, {
      Node: (_, node) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source);
          if (target !== undefined) this.#targets.set(node, target);
          else this.#tellUnknownAlias(node, anchors.keys());
        } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
        const tag = "tag" in node ? node.tag : undefined;
        // The parser knows some more, and makes dates and bytes of their texts.
        if (tag !== undefined && !KEPT_TAGS.has(tag)) {
          this.#refuse(startOf(node), tagWords(tag.replace(/^tag:yaml\.org,2002:/, "!!")));
        }
      },
    });
  }

  #tellUnknownAlias(alias: Alias, known: Iterable<string>): void {
    const meant = nearest(alias.source, known);
    const suggestion = meant === undefined ? "" : `; did you mean *${meant}?`;
    this.#tell(startOf(alias), `*${alias.source} names no anchor above it${suggestion}`);
  }

  #mapping(node: YAMLMap, path: Path, into: Mapping = {}): Mapping {
    const merges: unknown[] = [];
    const own = new Map<string, number>();
    for (const { key, value } of node.items) {
      const at = isNodeLike(key) ? startOf(key) : startOf(node);
      const name = isScalar(key) ? String(key.value ?? "") : "";
      if (isMergeKey(key)) merges.push(value);
      else if (name === "") this.#tell(at, "a key must be a word", path);
      else if (isReserved(name)) this.#tell(at, `${name} cannot be a key`, path);
      else if (own.has(name)) this.#tellTwice(at, own.get(name) ?? 0, [...path, name]);
      else {
        own.set(name, at);
        // What stands nearer wins over what is merged in.
        if (!Object.hasOwn(into, name)) into[name] = this.#value(value, [...path, name], at);
      }
    }
    for (const merge of merges) this.#merge(merge, node, path, into);
    return into;
  }

  #merge(value: unknown, node: Node, path: Path, into: Mapping): void {
    const source = isAlias(value) ? this.#targets.get(value) : value;
    if (isSeq(source)) {
      for (const item of source.items) this.#merge(item, source, path, into);
    } else if (isMap(source)) {
      this.#enter(source, path, () => this.#mapping(source, path, into));
    } else if (source !== undefined) {
      this.#tell(isNodeLike(value) ? startOf(value) : startOf(node), "<< takes an alias", path);
    }
  }

  #value(node: unknown, path: Path, key: number | undefined): Data {
    const target = isAlias(node) ? this.#targets.get(node) : node;
    const shown = isNodeLike(node) ? node : undefined;
    const content = isScalar(target) ? this.#textOf(target, path) : null;
    const start = shown === undefined ? key ?? 0 : startOf(shown);
    const end = shown?.range?.[1] ?? start;
    this.#places.add({ path, key, start, end, isText: content !== null });
    this.#count(start);
    if (this.#unreadable || !(isMap(target) || isSeq(target))) return content;
    let result: Data = null;
    this.#enter(target, path, () => {
      result = isMap(target)
        ? this.#mapping(target, path)
        : target.items.filter((item) => !isEncryptedComment(item))
          .map((item, index) => this.#value(item, [...path, index], undefined));
    });
    return result;
  }

  /** Goes into a list or mapping unless it holds itself or lies too deep. */
  #enter(node: Node, path: Path, visitInside: () => void): void {
    if (this.#open.has(node)) {
      this.#tell(startOf(node), "this anchor is used inside itself", path);
    } else if (this.#open.size >= MAX_DEPTH) {
      this.#refuse(startOf(node), "the values are nested too deeply");
    } else {
      this.#count(startOf(node));
      this.#open.add(node);
      if (!this.#unreadable) visitInside();
      this.#open.delete(node);
    }
  }

  /** Aliases of aliases can make a short text mean millions of values. */
  #count(offset: number): void {
    if (++this.#values <= MAX_VALUES || this.#unreadable) return;
    this.#refuse(offset, `it holds more than ${MAX_VALUES} values once its aliases are followed`);
  }

  #textOf(node: Scalar, path: Path): string | null {
    if (isNull(node)) return null;
    const text = String(node.value);
    if (text.includes("\0")) this.#tell(startOf(node), "a value cannot hold a NUL character", path);
    return text;
  }

  #tellTwice(at: number, first: number, path: Path): void {
    const { line } = this.#places.locate(first);
    this.#tell(at, `${pathText(path)} is written twice; the first is in line ${line}`, path);
  }

  #tell(offset: number, message: string, path: Path = []): void {
    this.#problems.push({ path: pathText(path), message, ...this.#places.locate(offset) });
  }

  #refuse(offset: number, message: string): undefined {
    this.#tell(offset, message);
    this.#unreadable = true;
  }
}

function isNodeLike(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

/** `<<`, also with its tag (`!!merge <<`), as sops and yq write it; in quotes it is a key like any other. */
function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false;
  return key.tag === MERGE_TAG || key.value === "<<" && key.type === "PLAIN";
}

/** A comment in a list, which sops writes as an item when it encrypts comments too. */
function isEncryptedComment(node: unknown): boolean {
  return isScalar(node) && /^ENC\[AES256_GCM,[^\]]*,type:comment\]$/.test(String(node.value));
}

function isNull(node: Scalar): boolean {
  return node.type === "PLAIN" && NULLS.has(String(node.value ?? ""));
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
