// deno-lint-ignore-file no-control-regex -- control characters are what is looked for

/** A control sequence that is longer than this is none. */
const LONGEST_SEQUENCE = 4096;

/** Control characters that neither end nor begin anything: they are dropped before all else. */
const SILENT = /[^\P{Cc}\n\t\r\x07\x08\x1b\x80-\x9f]/gu;
/** CSI; OSC and its like up to their end; other escapes; then what is left of them. */
const SEQUENCES = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)`,
    String.raw`\x1b[ -/]*[0-~]`,
    String.raw`[^\P{Cc}\n\t\r\x08]`,
    String.raw`[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]`,
  ].join("|"),
  "gu",
);
/** Possible beginning of one of them, at the end of a text. */
const BEGUN = new RegExp(
  String.raw`(?:(?:\x1b\[|\x9b)[0-?]*[ -/]*` +
    String.raw`|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x80-\x9f]*\x1b?` +
    String.raw`|\x1b[ -/]*)$`,
  "u",
);
/** Asked first, as most texts have none and the answer is ten times as fast. */
const ANY = /[^\n\t -~]/;

/** Takes from text that comes in chunks what a terminal would obey instead of showing it. */
export interface VisibleReader {
  /** Visible text, as far as that is known; its end may be held back. */
  push(text: string): string;
  /** The rest. */
  end(): string;
}

/**
 * Text as a terminal would show it: control sequences, format characters and what a
 * backspace takes away are left out. Returns stay, but for those before a line end.
 */
export function visible(text: string): string {
  if (!ANY.test(text)) return text;
  const shown = text.replace(SILENT, "").replace(SEQUENCES, "").replace(/\r+\n/g, "\n");
  return shown.includes("\b") ? overstruck(shown) : shown;
}

/** {@linkcode visible} for a stream. */
export function visibleReader(): VisibleReader {
  let held = "";
  return {
    push(text): string {
      const all = (held + text).replace(SILENT, "");
      const begun = BEGUN.exec(all)?.index ?? all.length;
      const cut = all.length - begun > LONGEST_SEQUENCE ? all.length : begun;
      const shown = visible(all.slice(0, cut));
      // A backspace may take the last character away, and a line end the return.
      const last = /[^\n]$/u.exec(shown)?.index ?? shown.length;
      held = shown.slice(last) + all.slice(cut);
      return shown.slice(0, last);
    },
    end(): string {
      const rest = visible(held);
      held = "";
      return rest;
    },
  };
}

function overstruck(text: string): string {
  const shown: string[] = [];
  for (const char of text) {
    if (char !== "\b") shown.push(char);
    else if (shown.at(-1) !== "\n") shown.pop();
  }
  return shown.join("");
}
