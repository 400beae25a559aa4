import type { Env } from "../../core/platform.ts";
import type { Path } from "../../core/problem.ts";
import { EncryptedValue, EnvValue } from "../schema/env_value.ts";
import type { Finding } from "./draft.ts";
import { type Branch, isBranch, mapLeaves } from "./tree.ts";

/** A `$${`, a `${NAME}`, or something that only looks like one. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;

/** Recipe with the values of the environment. */
export interface Substituted {
  readonly tree: Branch;
  readonly findings: readonly Finding[];
}

/**
 * Puts the environment's values where `${NAME}` stands. A text is replaced once:
 * what comes out of the environment is not read again. Contents of scripts and
 * files are left alone, for `${NAME}` is theirs.
 *
 * @param env Undefined: nothing is looked up, and every reference is taken as it stands.
 */
export function substitute(recipe: Branch, env: Env | undefined): Substituted {
  const findings: Finding[] = [];
  const tree = mapLeaves(recipe, (value, path) => {
    const encrypted = value instanceof EncryptedValue;
    const before = encrypted ? value.reveal() : value;
    if (typeof before !== "string" || !before.includes("${") || isLiteral(path)) return value;
    let replaced = false;
    const told = findings.length;
    const text = before.replace(REFERENCE, (whole, name: string | undefined, close: string) => {
      if (name === undefined) return "${";
      replaced = true;
      if (close === "" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        findings.push(notAName(path));
        return whole;
      }
      const found = env !== undefined && Object.hasOwn(env, name) ? env[name] : undefined;
      if (found === undefined && env !== undefined) findings.push(missing(path, name));
      return found ?? whole;
    });
    // What could not be replaced is reported once, and not checked further.
    const unknown = env === undefined || findings.length > told;
    if (encrypted) return new EncryptedValue(text, replaced && unknown);
    return replaced ? new EnvValue(text, before, unknown) : text;
  });
  return { tree: isBranch(tree) ? tree : {}, findings };
}

/** True if `${` means itself in a value: the contents of scripts and files. */
export function isLiteral(path: Path): boolean {
  const [top, list, , key] = path;
  return path.length === 4 && top === "provisioning" && key === "content" &&
    (list === "scripts" || list === "files");
}

function missing(path: Path, name: string): Finding {
  return {
    path,
    says: `uses \${${name}}, and the environment has no variable of that name`,
    hint: `set it (export ${name}=…), or write $$\{${name}} for the text itself`,
  };
}

function notAName(path: Path): Finding {
  return {
    path,
    says: "holds a ${ that begins no ${NAME}",
    hint: "only ${NAME} is replaced; write $${ for a ${ of your own",
  };
}
