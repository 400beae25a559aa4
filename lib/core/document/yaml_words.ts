import type { YAMLError } from "../../../deps/yaml.ts";

/** Meaning of a YAML error, for users who do not know YAML's grammar. */
export function yamlWords(error: YAMLError, text: string): string {
  const [at] = error.pos;
  const char = text[at] ?? "";
  if (ODD.test(char)) return oddSpaceWords(char);
  if (DASH.test(char)) return `an item of a list begins with - and a space, not with ${char}`;
  switch (error.code) {
    case "TAB_AS_INDENT":
      return TAB;
    case "BAD_INDENT":
      if (/^[ ]*\t/.test(text.slice(text.lastIndexOf("\n", at - 1) + 1))) return TAB;
      return /flow/i.test(error.message)
        ? "a bracket that was opened above is not closed before this line"
        : "this line is indented differently from the lines that it belongs to";
    case "BLOCK_AS_IMPLICIT_KEY":
      return /sequence/.test(error.message)
        ? "a list item stands where a key is expected; check the indentation"
        : "a second `key: value` stands inside a value; put the value in quotes, or check the indentation";
    case "MULTILINE_IMPLICIT_KEY":
      return "this line is no `key: value`; is the colon missing, or the space after it?";
    case "MISSING_CHAR":
      return /quote/.test(error.message)
        ? "a quote was opened and is not closed"
        : "a colon is missing after the key";
    case "BAD_SCALAR_START":
      return `a value cannot begin with ${text[at] ?? "this character"}; put it in quotes`;
    case "BAD_DQ_ESCAPE":
      return "in double quotes this backslash means nothing; use single quotes, or write \\\\";
    case "UNEXPECTED_TOKEN":
      return "something stands here that does not belong to the value before it; put the whole value in quotes";
    case "BLOCK_IN_FLOW":
      return "between brackets there are only items separated by commas; is a comma missing?";
    case "MULTIPLE_ANCHORS":
    case "MULTIPLE_TAGS":
    case "ALIAS_PROPS":
    case "BAD_ALIAS":
    case "BAD_PROP_ORDER":
      return "an anchor (&name), alias (*name) or tag (!name) stands where it cannot";
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return tagWords(text.slice(...error.pos));
    case "BAD_DIRECTIVE":
      return "a line that begins with % is a YAML directive, and this one is not known; leave it out";
    case "KEY_OVER_1024_CHARS":
      return "a key is longer than 1024 characters";
    case "RESOURCE_EXHAUSTION":
      return "the values are nested too deeply";
    default:
      return "this is not YAML that can be read";
  }
}

const TAB = "a tab stands in the indentation, where YAML takes only spaces";
/** Signs that word processors and web pages have in place of the dash of an item. */
const DASH = /^[\u2010-\u2015\u2022\u2212]/;

/** Tags that say of a value only what it is by itself. */
const PLAIN_TAG = /^!!(str|int|float|bool|null|map|seq|timestamp)$/;

/** The problem with a tag that means nothing here. */
export function tagWords(tag: string): string {
  if (PLAIN_TAG.test(tag)) return `the tag ${tag} is not supported; leave it out`;
  // Without the tag its operand would become the value: a ciphertext, a file name.
  return `the tag ${tag} is not supported; write the value itself, \${NAME} for a variable, ` +
    "or encrypt the file with sops";
}

const ODD_SPACE =
  "\\u0085\\u00a0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff";
const ODD = new RegExp(`^[${ODD_SPACE}]`, "u");
/** At an end of a value, or behind it before a comment. */
const ODD_AROUND = new RegExp(`^[${ODD_SPACE}]|[${ODD_SPACE}](?=#)|[${ODD_SPACE}]$`, "u");
/** Also what has no width at all, which no key has. */
const ODD_IN_KEY = new RegExp(
  `[${ODD_SPACE}\\u00ad\\u200c-\\u200f\\u202a-\\u202e\\u2066-\\u2069]`,
  "u",
);
/** In the indentation, or behind the dash of an item or the colon of the first key of a line. */
const BEFORE_ODD_SPACE = new RegExp(
  `^([ \\t]*(?:-[ \\t]+)*(?:-|[\\w.-]+:|"[^"\\n]*":|'[^'\\n]*':)?[ \\t]*)[${ODD_SPACE}]`,
  "gmu",
);

/** Offsets of the first blank of each line that stands for a space of YAML and is none. */
export function* oddSpaces(text: string): Generator<number> {
  for (const { index, 1: before = "" } of text.matchAll(BEFORE_ODD_SPACE)) {
    yield index + before.length;
  }
}

const NO_WIDTH = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/u;

/** Offset of a blank in a plain scalar that its author cannot have meant as a part of it. */
export function oddSpaceIn(plain: string, isKey: boolean): number | undefined {
  return (isKey ? ODD_IN_KEY : ODD_AROUND).exec(plain)?.index;
}

/** The problem that {@linkcode oddSpaces} and {@linkcode oddSpaceIn} found. */
export function oddSpaceWords(space: string): string {
  const code = (space.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  if (NO_WIDTH.test(space)) {
    return `an invisible character (U+${code}) where YAML takes none; remove it`;
  }
  const name = code === "00A0" ? "a no-break space" : "a special space";
  return `${name} (U+${code}) where YAML takes only spaces; replace it with a space`;
}
