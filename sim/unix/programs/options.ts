import { LeftOut } from "../not_here.ts";
import type { Process } from "../os/process.ts";

/** Words of a command line, taken apart. */
export interface Options {
  /** True if a flag is there, by its letter or long name. */
  has(...names: string[]): boolean;
  /** The last value of an option. */
  value(...names: string[]): string | undefined;
  /** Every value of an option. */
  values(...names: string[]): readonly string[];
  readonly operands: readonly string[];
}

/** Which options a program has. */
export interface OptionSpec {
  /** Letters of flags. */
  readonly flags?: string;
  /** Letters of options with a value. */
  readonly valued?: string;
  /** Long flags, separated by blanks. */
  readonly long?: string;
  /** Long options with a value, separated by blanks. */
  readonly longValued?: string;
  /** Stop at the first operand, as `env` and `su` do. */
  readonly stop?: boolean;
}

/**
 * Reads options as getopt_long does: they may stand behind operands, `--` ends them.
 *
 * @throws {LeftOut} For one that is not known.
 */
export function readOptions({ argv }: Process, spec: OptionSpec): Options {
  const flags = new Set<string>();
  const values: (readonly [string, string])[] = [];
  const operands: string[] = [];
  const long = new Set(spec.long?.split(" "));
  const longValued = new Set(spec.longValued?.split(" "));
  const [program = "", ...rest] = argv;
  for (let word; (word = rest.shift()) !== undefined;) {
    if (word === "--") operands.push(...rest.splice(0));
    else if (word.startsWith("--")) {
      const [name = "", value] = splitOnce(word.slice(2));
      if (longValued.has(name)) values.push([name, value ?? rest.shift() ?? ""]);
      else if (long.has(name)) flags.add(name);
      else throw new LeftOut(`${program} ${word}`);
    } else if (/^-./.test(word)) {
      for (let i = 1; i < word.length; i++) {
        const letter = word.charAt(i);
        if (spec.valued?.includes(letter)) {
          const attached = word.slice(i + 1);
          values.push([letter, attached !== "" ? attached : rest.shift() ?? ""]);
          break;
        }
        if (spec.flags?.includes(letter)) flags.add(letter);
        else throw new LeftOut(`${program} -${letter}`);
      }
    } else {
      operands.push(word);
      if (spec.stop === true) operands.push(...rest.splice(0));
    }
  }
  const all = (names: readonly string[]) =>
    values.filter(([name]) => names.includes(name)).map(([, value]) => value);
  return {
    has: (...names) => names.some((name) => flags.has(name) || all([name]).length > 0),
    value: (...names) => all(names).at(-1),
    values: (...names) => all(names),
    operands,
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Says what is wrong, in front of it the program's name, and gives the status. */
export async function fail(process: Process, text: string, status = 1): Promise<number> {
  await process.err(`${process.argv[0]?.split("/").at(-1)}: ${text}\n`);
  return status;
}
