import { type Path, pathText, type Problem, quoted } from "../../core/problem.ts";
import { DOTS, Secret } from "../../core/secret.ts";
import { EnvValue, GivenValue } from "../schema/env_value.ts";
import type { Finding, Where } from "./finding.ts";
import { looksSecret, namesSecret } from "../schema/secret_words.ts";
import { type Branch, isBranch, type Tree, valueAt } from "./tree.ts";

/** Lookup of the origin of a value. */
export interface Origins {
  /** The path that was written for a path of the nested form. */
  written(path: Path): Path;
  /** Location of a value, or of its key. */
  locate(path: Path, atKey: boolean): Where;
}

/** A recipe in its nested form that is being checked. */
export class Draft {
  readonly tree: Branch;
  readonly #origins: Origins;

  /**
   * @param tree The recipe, with the environment's values in it.
   * @param origins Where its values came from.
   */
  constructor(tree: Branch, origins: Origins) {
    this.tree = tree;
    this.#origins = origins;
  }

  /** The path as the user wrote it. */
  name(path: Path): string {
    return pathText(this.#origins.written(path));
  }

  /** A value as a message may show it: never a secret, never what the environment gave. */
  show(path: Path): string {
    const value = valueAt(this.tree, path);
    const key = path.findLast((part) => typeof part === "string") ?? "";
    return namesSecret(key) && typeof value === "string" ? DOTS : shown(value);
  }

  /** The value of a path when it is a text. */
  text(path: Path): string | undefined {
    const value = valueAt(this.tree, path);
    if (value instanceof GivenValue && value.unknown) return undefined;
    const text = value instanceof Secret ? value.reveal() : value;
    return typeof text === "string" ? text : undefined;
  }

  /** The paths of the items of a list that are mappings. */
  items(path: Path): Path[] {
    const list = valueAt(this.tree, path);
    if (!Array.isArray(list)) return [];
    return list.flatMap((item, index) => (isBranch(item) ? [[...path, index]] : []));
  }

  /** True if something was given for a path. */
  has(path: Path): boolean {
    return valueAt(this.tree, path) !== undefined;
  }

  /** A finding as a problem: named and located as the user wrote it. */
  problem({ path, says, hint, atKey }: Finding): Problem {
    const written = this.#origins.written(path);
    return {
      path: pathText(written),
      message: `${pathText(written)} ${says}`,
      ...(hint === undefined ? {} : { hint }),
      ...this.#origins.locate(path, atKey ?? false),
    };
  }
}

function shown(value: Tree | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (value instanceof EnvValue) return `the value of ${quoted(value.reference)}`;
  if (value instanceof Secret) return DOTS;
  if (Array.isArray(value)) return "a list";
  if (isBranch(value)) return "a mapping";
  if (looksSecret(value)) return DOTS;
  return /^-?[0-9][0-9./]{0,30}$/.test(value) ? value : quoted(value);
}
