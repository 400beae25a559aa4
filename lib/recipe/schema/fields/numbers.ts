import { type Kind, orReference, type Reader, Refused } from "./field.ts";

/** The least and the greatest value, both allowed. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Larger sizes than 1 PiB are typing errors. */
const PIB = { MiB: 1024 ** 3, GiB: 1024 ** 2 };
const POWERS: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4 };

/** A whole number. */
export function whole({ min, max }: Range): Kind<number> {
  return numeric(
    { min, max },
    "integer",
    "^[0-9]+$",
    (text) =>
      /^[+-]?[0-9]+$/.test(text)
        ? within(Number(text), { min, max })
        : new Refused(`must be a whole number from ${min} to ${max}`),
  );
}

/** A number that may have decimals. */
export function decimal({ min, max }: Range): Kind<number> {
  return numeric(
    { min, max },
    "number",
    "^[0-9]+(\\.[0-9]+)?$",
    (text) =>
      /^[+-]?[0-9]+(\.[0-9]+)?$/.test(text)
        ? within(Number(text), { min, max })
        : new Refused(`must be a number from ${min} to ${max}, such as 1.5`),
  );
}

/** A size: a number in the unit of the field, or one with its own unit (`512M`, `2G`, `1T`). */
export function size(unit: "MiB" | "GiB", min: number): Kind<number> {
  const example = unit === "MiB" ? "2048 (MiB) or 2G" : "8 (GiB), 8G or 1T";
  return numeric({ min }, "integer", "^[0-9]+(\\.[0-9]+)? ?([KMGTkmgt](i?[Bb])?)?$", (text) => {
    const found = /^(-?[0-9]+(?:\.[0-9]+)?) ?(?:([KMGT])(?:I?B)?)?$/.exec(text.toUpperCase());
    if (found === null) return new Refused(`must be a size such as ${example}`);
    const power = POWERS[found[2] ?? unit.charAt(0)] ?? 0;
    const amount = Number(found[1]) * 1024 ** (power - (POWERS[unit.charAt(0)] ?? 0));
    if (Number.isInteger(amount)) return within(amount, { min, max: PIB[unit] }, unit);
    const next = Math.max(min, Math.ceil(amount));
    return new Refused(`must come to whole ${unit}`, {
      understood: `${Number(amount.toFixed(3))} ${unit}`,
      meant: `${next}${unit.charAt(0)}`,
    });
  });
}

/** A time in seconds: a number, or one with a unit (`90s`, `10m`, `2h`). */
export function seconds({ min, max }: Range): Kind<number> {
  const factors: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
  return numeric({ min, max }, "integer", "^[0-9]+[smh]?$", (text) => {
    const found = /^(-?[0-9]+)([smh]?)$/.exec(text);
    if (found === null) return new Refused("must be a number of seconds, or a time such as 10m");
    return within(Number(found[1]) * (factors[found[2] || "s"] ?? 1), { min, max }, "s");
  });
}

/** A number, written as one or as a text that fits the pattern. */
function numeric(
  { min, max }: { readonly min: number; readonly max?: number },
  type: "integer" | "number",
  pattern: string,
  read: Reader<number>,
): Kind<number> {
  return {
    keywords: {
      type: [type, "string"],
      minimum: min,
      ...(max !== undefined && { maximum: max }),
      pattern: orReference(pattern),
    },
    blank: () => min,
    read,
  };
}

/** `true` or `false`. */
export function flag(): Kind<boolean> {
  return {
    keywords: { type: ["boolean", "string"], pattern: orReference("^(true|false)$") },
    blank: () => false,
    read: (text) => {
      if (/^(true|True|TRUE)$/.test(text)) return true;
      if (/^(false|False|FALSE)$/.test(text)) return false;
      const yes = /^(y|yes|on|1)$/i.test(text);
      const no = /^(n|no|off|0)$/i.test(text);
      const meant = yes ? "true" : no ? "false" : undefined;
      return new Refused("must be true or false", { meant });
    },
  };
}

function within(value: number, { min, max }: Range, unit = ""): number | Refused {
  const understood = unit === "" ? String(value) : `${value} ${unit}`;
  if (value < min) return new Refused(`must be at least ${min}`, { understood });
  if (value > max) return new Refused(`must be at most ${max}`, { understood });
  return Object.is(value, -0) ? 0 : value;
}
