import type * as v from "../../../deps/valibot.ts";
import type { Path } from "../../core/problem.ts";
import type { Draft } from "./draft.ts";
import { Secret } from "../../core/secret.ts";
import type { Finding } from "./finding.ts";
import { valueAt } from "./tree.ts";

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
