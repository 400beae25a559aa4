import * as v from "../../../../deps/valibot.ts";
import { DOTS, Secret } from "../../../core/secret.ts";
import { EnvValue, GivenValue } from "../env_value.ts";
import { looksSecret, namesSecret } from "../secret_words.ts";
import type { Sensitive } from "../types.ts";

/** Reason why a field does not take a text. */
export class Refused {
  /** Requirement, after "it": "must be at least 16". Never holds the value. */
  readonly must: string;
  /** The value as it was understood ("0 MiB"), where that says more than the text. */
  readonly understood: string | undefined;
  /** Most likely intended value. */
  readonly meant: string | undefined;

  /**
   * @param must What it must be, after "it".
   * @param details The value as it was understood, and what was most likely meant.
   */
  constructor(must: string, details: { understood?: string; meant?: string | undefined } = {}) {
    this.must = must;
    this.understood = details.understood;
    this.meant = details.meant;
  }
}

/** Turns a text into what a field holds, or says why it cannot. */
export type Reader<T> = (text: string) => T | Refused;

/** JSON Schema keywords of a field, for editors. */
export interface About {
  readonly description: string;
  readonly [keyword: string]: unknown;
}

/** A kind of field: how it is read, what editors know of it, and a value to stand for an unknown one. */
export interface Kind<T> {
  readonly read: Reader<T>;
  readonly keywords: Readonly<Record<string, unknown>>;
  /** Stands in for the value when a variable is not looked up. */
  readonly blank: (reference: string) => T;
}

const NO_SECRET = "must not hold a secret, for this field is shown and stored in the clear";

type Field<T> = v.SchemaWithPipe<
  readonly [
    v.UnknownSchema,
    v.MetadataAction<unknown, About>,
    v.RawTransformAction<unknown, T>,
  ]
>;

type List<Item extends v.GenericSchema> = v.SchemaWithPipe<
  readonly [v.ArraySchema<Item, undefined>, v.DescriptionAction<v.InferOutput<Item>[], string>]
>;

/** A field with one value. Its text is read here, so that every refusal is in our words. */
export function field<T>(description: string, kind: Kind<T>, more: object = {}): Field<T> {
  return build(description, more, kind, (value) => {
    if (!(value instanceof GivenValue)) return read(value, kind.read);
    const reference = value instanceof EnvValue ? value.reference : DOTS;
    if (value.unknown) return kind.blank(reference);
    const secret = looksSecret(value.reveal()) ||
      [...reference.matchAll(/\$\{(\w+)\}/g)].some(([, name]) => namesSecret(name ?? ""));
    return secret ? new Refused(NO_SECRET) : kind.read(value.reveal().trim());
  });
}

/** A field that may be left out, and is absent then. */
export function optional<T>(
  description: string,
  kind: Kind<T>,
): v.ExactOptionalSchema<Field<T>, undefined> {
  return v.exactOptional(field(description, kind));
}

/** A field that may be left out, and has a default then. */
export function withDefault<T>(
  value: string | number | boolean,
  description: string,
  kind: Kind<T>,
): v.OptionalSchema<Field<T>, string | number | boolean> {
  return v.optional(field(description, kind), value);
}

/** A list that may be left out, and has default items then. */
export function list<Item extends v.GenericSchema>(
  items: readonly v.InferInput<Item>[],
  description: string,
  item: Item,
): v.OptionalSchema<List<Item>, v.InferInput<Item>[]> {
  return v.optional(v.pipe(v.array(item), v.description(description)), [...items]);
}

/** A field whose value stays a {@linkcode Secret} when it came from the environment or an encrypted leaf. */
export function sensitive(
  description: string,
  kind: Kind<string>,
  more: object = {},
): Field<Sensitive> {
  return build<Sensitive>(description, more, kind, (value) => {
    if (!(value instanceof Secret)) return read(value, kind.read);
    if (value instanceof GivenValue && value.unknown) return value;
    const result = kind.read(value.reveal());
    return result instanceof Refused ? result : value;
  });
}

function build<T>(
  description: string,
  more: object,
  kind: Kind<unknown>,
  readValue: (value: unknown) => T | Refused,
): Field<T> {
  return v.pipe(
    v.unknown(),
    v.metadata<unknown, About>({ description, ...kind.keywords, ...more }),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const result = readValue(dataset.value);
      if (!(result instanceof Refused)) return result;
      addIssue({
        message: result.must,
        // Always given, for valibot's own would be the value itself, which may be a secret.
        received: result.understood ?? "",
        ...(result.meant === undefined ? {} : { expected: result.meant }),
      });
      return NEVER;
    }),
  );
}

function read<T>(value: unknown, reader: Reader<T>): T | Refused {
  if (typeof value === "string") return reader(value);
  if (typeof value === "number" || typeof value === "boolean") return reader(String(value));
  if (value instanceof Secret) return new Refused(NO_SECRET);
  return new Refused(
    value === null ? 'must have a value ("" is an empty text)' : "must be a single value",
  );
}

/** A pattern for editors, who see the text before `${NAME}` is replaced. */
export function orReference(pattern: string): string {
  return `${pattern}|\\$\\{`;
}
