import { quote } from "../../core/argv.ts";
import { DOTS, type Secret } from "../../core/secret.ts";

/** Shorter values are too common in any text to be told from it. */
const SHORTEST = 4;
/** The same for one line of many: `done` and `fi` are no secrets of a script. */
const SHORTEST_LINE = 8;
/** What is longer is sought line by line only. */
const LONGEST = 4096;
/** A long line is sought in pieces, so that little has to be held back. */
const PIECE = 512;
/** Enough for keys and certificates; a larger file is not printed by accident. */
const MOST_PIECES = 2000;

/** Replaces secrets in text that comes in chunks. */
export interface Redactor {
  /** The text that can be shown now; its end may be held back until more is known. */
  push(text: string): string;
  /** The rest. */
  end(): string;
}

/** Replaces secrets by dots, also where they are split over chunks or stand encoded. */
export function redactor(secrets: readonly Secret[]): Redactor {
  const needles = spellings(secrets);
  if (needles.length === 0) return { push: (text) => text, end: () => "" };
  const pattern = new RegExp(needles.map(escapeRegExp).join("|"), "g");
  let held = "";
  return {
    push(text): string {
      const clean = (held + text).replace(pattern, DOTS);
      const keep = Math.max(...needles.map((needle) => overlap(clean, needle)));
      held = clean.slice(clean.length - keep);
      return clean.slice(0, clean.length - keep);
    },
    end(): string {
      const rest = held;
      held = "";
      return rest;
    },
  };
}

/** The same for a whole text. */
export function redact(text: string, secrets: readonly Secret[]): string {
  const redacting = redactor(secrets);
  return redacting.push(text) + redacting.end();
}

/** Every text that gives a secret away, the longest first: the longest match wins. */
function spellings(secrets: readonly Secret[]): string[] {
  const found = new Set<string>();
  for (const text of secrets.flatMap(parts)) {
    const forms = [text, text.trim(), ...base64(text), encodeURIComponent(text.toWellFormed())];
    forms.push(JSON.stringify(text).slice(1, -1), quote(text.replaceAll("\0", "")));
    for (const form of forms) addPieces(found, form);
    if (found.size > MOST_PIECES) break;
  }
  return [...found].sort((a, b) => b.length - a.length);
}

/** A secret as a whole, and its lines. */
function parts(secret: Secret): string[] {
  const value = secret.reveal();
  const lines = value.split(/\r?\n/);
  const telling = lines.filter((line) => line.trim().length >= SHORTEST_LINE);
  return value.length <= LONGEST || lines.length === 1 ? [value, ...telling] : telling;
}

function addPieces(found: Set<string>, form: string): void {
  for (let at = 0; at < form.length; at += PIECE) {
    const piece = form.slice(at, at + PIECE);
    if (piece.trim().length >= SHORTEST) found.add(piece);
  }
}

/**
 * Alone, without the padding, which another encoder may leave out; and what it becomes amid other
 * text, as in the `user:password` of an Authorization header: there the characters at its
 * edges also hold bits of what stands beside it.
 */
function base64(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const amid = [0, 1, 2].map((before) => {
    const shifted = new Uint8Array(before + bytes.length);
    shifted.set(bytes, before);
    const [start, end] = [Math.ceil(before * 8 / 6), Math.floor(shifted.length * 8 / 6)];
    return shifted.toBase64().slice(start, end);
  });
  return [bytes.toBase64().replace(/=+$/, ""), ...amid];
}

/** The length of the longest end of `text` that `needle` begins with, short of all of it. */
function overlap(text: string, needle: string): number {
  const first = needle.charAt(0);
  let at = text.indexOf(first, Math.max(0, text.length - needle.length + 1));
  while (at !== -1) {
    if (needle.startsWith(text.slice(at))) return text.length - at;
    at = text.indexOf(first, at + 1);
  }
  return 0;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
