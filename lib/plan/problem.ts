import { ManyProblems } from "../core/errors.ts";
import type { PlanProblem } from "../core/problem.ts";
import type { Remedy } from "../core/remedy.ts";
import type { Recipe } from "../recipe/schema/types.ts";

/**
 * A wish that cannot be carried out; nothing was changed anywhere.
 *
 * @category Errors
 */
export class PlanRejected extends ManyProblems<PlanProblem> {
  override readonly name = "PlanRejected";
  /** Operation that was refused: "create web-1". */
  readonly what: string;
  /** The recipe's file, where it has one. */
  readonly file: string | undefined;
  /** All of the reasons as text. */
  readonly reasons: string;

  /**
   * @param what What was to be done: "create web-1".
   * @param problems At least one reason.
   * @param recipe Where to look up places.
   */
  constructor(what: string, problems: readonly PlanProblem[], recipe?: Recipe) {
    const reasons = problems.map((problem) => `\n  ${line(problem, recipe)}`).join("");
    const file = recipe?.origin?.file;
    const where = file === undefined ? "" : ` (${file})`;
    super(problems[0]?.code ?? "FAILED", `cannot ${what}${where}:${reasons}`, problems, {
      remedies: remediesOf(problems),
    });
    this.file = file;
    this.what = what;
    this.reasons = reasons;
  }
}

/** Hints against some problems, each once. */
export function remediesOf(problems: readonly PlanProblem[]): readonly Remedy[] {
  const all = problems.flatMap(({ remedies = [] }) => remedies);
  return [...new Map(all.map((remedy) => [JSON.stringify(remedy), remedy])).values()];
}

function line(problem: PlanProblem, recipe: Recipe | undefined): string {
  const place = placeOf(problem.path, recipe);
  const hint = problem.hint === undefined
    ? ""
    : `\n    → ${problem.hint.replaceAll("\n", "\n      ")}`;
  return `${place === undefined ? "" : `${place}: `}${problem.message}${hint}`;
}

/**
 * The flag or setting that gave a value, else `file:line:column` of its key, or of the nearest
 * one above it that was written.
 */
function placeOf(path: string | undefined, recipe: Recipe | undefined): string | undefined {
  const source = recipe?.sources?.[path ?? ""];
  if (source !== undefined) return source;
  const origin = recipe?.origin;
  for (let at = path; origin !== undefined && at; at = at.replace(/(^|\.)[^.[]+$|\[\d+\]$/, "")) {
    const position = origin.positions[at];
    if (position) return `${origin.file}:${position.line}:${position.column}`;
  }
  return undefined;
}
