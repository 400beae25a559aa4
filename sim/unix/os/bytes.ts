/*
 * Inside the simulated systems every text is a byte string: each character is
 * one byte, so that paths, variables and arguments survive whatever they hold.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The byte string that holds these bytes. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return text;
}

/** Ordinary text as a byte string in UTF-8. */
export function toByteString(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : textOf(encoder.encode(text));
}

/** A byte string in UTF-8 as ordinary text. */
export function fromByteString(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : decoder.decode(bytesOf(text));
}

/** Several pieces as one. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
