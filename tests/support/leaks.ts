/** Texts in which nothing secret may stand, each with a name that says where it comes from. */
export type Places = Readonly<Record<string, string>>;

/** What must not be found, by what it is. */
export type Secrets = Readonly<Record<string, string>>;

/** Shorter words of a secret are too common to be told from other text. */
const SHORTEST_WORD = 8;

/**
 * Finds secrets in texts, as they are and as base64, percent-encoded, as JSON, or quoted for a
 * shell; whole, and every longer word of them alone.
 *
 * @returns One line for each find: what, in which form, and where.
 */
export function findLeaks(secrets: Secrets, places: Places): string[] {
  return Object.entries(places).flatMap(([place, text]) => {
    const readings = readingsOf(text);
    const joined = text.replace(/\s+/g, "");
    return Object.entries(secrets).flatMap(([name, secret]) =>
      wholeAndWords(secret).flatMap((value) => {
        const found = [...readings].filter(([, read]) => read.includes(value)).map(([as]) => as);
        if (base64Forms(value).some((form) => joined.includes(form))) found.push("base64");
        return found.slice(0, 1).map((as) => `${name} as ${as} in ${place}`);
      }).slice(0, 1)
    );
  });
}

/** A text as whoever undoes one encoding reads it. */
function readingsOf(text: string): Map<string, string> {
  return new Map([
    ["plain text", text],
    ["percent-encoded", fromPercent(text)],
    ["a form", fromPercent(text.replaceAll("+", " "))],
    ["JSON", fromJson(text)],
    ["JSON in JSON", fromJson(fromJson(text))],
    ["single-quoted", text.replaceAll(/'(\\'|"'")'/g, "'")],
    ["escaped by backslashes", text.replaceAll(/\\(.)/gs, "$1")],
  ]);
}

function fromPercent(text: string): string {
  const decoder = new TextDecoder();
  return text.replaceAll(
    /(%[0-9a-f]{2})+/gi,
    (escapes) => decoder.decode(Uint8Array.fromHex(escapes.replaceAll("%", ""))),
  );
}

function fromJson(text: string): string {
  const short: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
  return text.replaceAll(
    /\\(?:u([0-9a-f]{4})|(.))/gi,
    (_, hex?: string, char = "") =>
      hex === undefined ? short[char] ?? char : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function wholeAndWords(secret: string): string[] {
  const words = secret.match(/[A-Za-z0-9]+/g) ?? [];
  return [secret, ...words.filter((word) => word.length >= SHORTEST_WORD)];
}

/** What the text becomes in the middle of something else that is encoded, wherever it starts. */
function base64Forms(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  return [0, 1, 2].flatMap((before) => {
    const whole = new Uint8Array([...new Uint8Array(before), ...bytes]).toBase64();
    // Characters at the edges also hold bits of what stands beside it.
    const middle = whole.slice(
      Math.ceil(before * 8 / 6),
      Math.floor((before + bytes.length) * 8 / 6),
    );
    return [middle, middle.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
