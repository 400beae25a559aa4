import type * as v from "../../../deps/valibot.ts";
import { type Path, pathText, type Problem, quoted } from "../../core/problem.ts";
import { DOTS, Secret } from "../../core/secret.ts";
import { EnvValue, GivenValue } from "../schema/env_value.ts";
import { looksSecret, namesSecret } from "../schema/secret_words.ts";
import { type Branch, isBranch, type Tree, valueAt } from "./tree.ts";

/** Something wrong with one value, before it is known where that was written. */
export interface Finding {
  /** The path in the nested form. */
  readonly path: Path;
  /** The rest of the sentence that begins with the value's name: "is missing". */
  readonly says: string;
  readonly hint?: string;
  /** True if it concerns the key and not the value. */
  readonly atKey?: boolean;
}

/** Location of a problem: a place in the file, or a flag. */
export type Where = Pick<Problem, "source" | "line" | "column">;

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
      ...(hint !== undefined && { hint }),
      ...this.#origins.locate(path, atKey ?? false),
    };
  }
}

/** Finding of valibot, in our words; the shape check reports unknown keys and wrong kinds. */
export function findingOf(issue: v.BaseIssue<unknown>, draft: Draft): Finding | undefined {
  const path: Path = (issue.path ?? []).map(({ key }) =>
    typeof key === "number" ? key : String(key)
  );
  if (issue.type === "strict_object") {
    return issue.expected === "never"
      ? undefined
      : { path, says: "is missing", ...adviceFor(path) };
  }
  if (issue.path?.at(-1)?.origin === "key") return { path, says: issue.message, atKey: true };
  // What comes from the environment or an encrypted leaf is not shown, and neither is what follows from it.
  const hidden = valueAt(draft.tree, path) instanceof Secret;
  const { received, expected } = issue;
  const understood = hidden || received === "" ? draft.show(path) : received;
  const meant = hidden || expected === null ? "" : `; did you mean ${expected}?`;
  return { path, says: `is ${understood}; it ${issue.message}${meant}` };
}

function adviceFor(path: Path): { hint?: string } {
  const key = path.at(-1);
  if (path.length !== 2) return {};
  if (key === "hostname") {
    return { hint: "write hostname: NAME below container, or give --hostname" };
  }
  if (key === "template") {
    return { hint: "write template: debian-13 below container, or give --template" };
  }
  return {};
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
