import { commandLine } from "../../core/argv.ts";
import { ManyProblems } from "../../core/errors.ts";
import { formatProblem, type Problem } from "../../core/problem.ts";
import { withoutSecrets } from "../schema/secret_words.ts";

/** The most problems that a message lists; `problems` has all. */
const MOST = 50;

/**
 * A recipe that cannot be used, with everything that is wrong with it.
 *
 * @category Errors
 */
export class InvalidRecipe extends ManyProblems<Problem> {
  override readonly name = "InvalidRecipe";
  /** The file that was read; undefined when there was none. */
  readonly file: string | undefined;

  /**
   * @param file The file that was read, if any.
   * @param problems All problems in the order of the file, those of flags first; never none.
   */
  constructor(file: string | undefined, problems: readonly Problem[]) {
    const located = problems.map((problem) => inFile(file, problem));
    super("INVALID_RECIPE", describe(file, located), located, {
      hint: located.length === 1 ? located[0]?.hint : undefined,
    });
    this.file = file;
  }
}

/** A problem with its file; a secret that got into a key, and so into a path, is blotted out. */
function inFile(file: string | undefined, problem: Problem): Problem {
  const { path, message, hint, line } = problem;
  return {
    ...problem,
    path: withoutSecrets(path),
    message: withoutSecrets(message),
    ...(hint === undefined ? {} : { hint: withoutSecrets(withFile(hint, file)) }),
    ...(file === undefined || line === undefined ? {} : { file }),
  };
}

function describe(file: string | undefined, problems: readonly Problem[]): string {
  const lines = problems.slice(0, MOST).map(formatProblem);
  if (problems.length === 1) return lines.join("");
  const rest = problems.length - lines.length;
  return [
    `${file ?? "the recipe"} has ${problems.length} problems`,
    ...lines.flatMap((line, index) => {
      const hint = problems[index]?.hint;
      return hint === undefined ? [`  ${line}`] : [`  ${line}`, `    → ${hint}`];
    }),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ].join("\n");
}

/** A command line in a hint with the file that was read in it. */
function withFile(hint: string, file: string | undefined): string {
  if (file === undefined || file === "stdin") return hint;
  return hint.replace(/\bRECIPE$/, () => commandLine([file]));
}
