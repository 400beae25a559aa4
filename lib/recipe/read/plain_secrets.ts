import type { LocatedDocument } from "../../core/document/document.ts";
import { type Path, pathText, type Problem } from "../../core/problem.ts";
import { variableFor } from "../schema/env_value.ts";
import type { Finding } from "./draft.ts";
import { findSecrets, namesSecret } from "../schema/secret_words.ts";
import { type Branch, leaves } from "./tree.ts";

/** Values that say only whether or where, such as MYSQL_ALLOW_EMPTY_PASSWORD: yes. */
const HARMLESS = /^(|true|false|yes|no|on|off|[01])$/i;

/** Keys and private keys that stand in the text of a file, comments included. */
export function secretsInText(text: string, document: LocatedDocument): Problem[] {
  return findSecrets(text).map(({ what, start }) => {
    const path = document.places.pathAt(start);
    const where = path.length === 0 ? "the file" : pathText(path);
    return {
      path: pathText(path),
      message: `${where} holds ${what} in plain text`,
      hint: path.length === 0 || isInComment(text, start) ? IN_COMMENT : wayOut(path),
      ...document.places.locate(start),
    };
  });
}

/** A secret in a comment is of no use, and stays in every version of the file. */
const IN_COMMENT = "remove it from the comment; if the file was shared, make a new key";

function isInComment(text: string, offset: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /(?:^|\s)#[^"']*$/.test(before);
}

/**
 * Secrets that were written literally: the values of keys such as `password`.
 *
 * @param isUnread Whether a part of a value was not searched yet: it is in no file, or written
 * there with escapes or over several lines.
 */
export function secretsInValues(
  tree: Branch,
  isUnread: (path: Path, part: string) => boolean,
): Finding[] {
  return [...leaves(tree)]
    .filter(({ path, value }) =>
      typeof value === "string" &&
      (isSecret(lastKey(path), value) ||
        findSecrets(value).some(({ start, end }) =>
          isUnread(path, firstLine(value.slice(start, end)))
        ))
    )
    .map(({ path }) => ({ path, says: "holds a secret in plain text", hint: wayOut(path) }));
}

/** The file may have the others in another form: indented, or with escapes. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function isSecret(key: string, value: string): boolean {
  return namesSecret(key) && !HARMLESS.test(value) && !hasReference(value);
}

function hasReference(value: string): boolean {
  return value.replaceAll("$${", "").includes("${");
}

function lastKey(path: Path): string {
  return path.findLast((part) => typeof part === "string") ?? "";
}

function wayOut(path: Path): string {
  return `${elsewhere(path)}, or encrypt it: ${encryption(lastKey(path))}`;
}

/** Command by which sops encrypts the values of one key, and leaves the rest readable. */
function encryption(key: string): string {
  return key === ""
    ? "sops encrypt --in-place RECIPE"
    : `sops encrypt --in-place --encrypted-regex '^${key}$' RECIPE`;
}

function elsewhere(path: Path): string {
  const key = lastKey(path);
  if (path[1] === "scripts" && key === "content") {
    return 'pass it through environment: { NAME: "${NAME}" }, and set NAME in the environment';
  }
  if (path[1] === "files" && key === "content") {
    return "keep it in a file of its own outside git, and name that with source";
  }
  const name = variableFor(path);
  return `write "\${${name}}" and set ${name} in the environment`;
}
