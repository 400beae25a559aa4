import { type ArithExpr, parse } from "./ast.ts";
import { leftOut, ShellError } from "./jumps.ts";
import type { Shell } from "./shell.ts";
import { valueOf } from "./values.ts";

/** The value of an arithmetic expression. */
export async function evaluate(shell: Shell, node: ArithExpr): Promise<number> {
  switch (node.type) {
    case "ArithNumber":
      return node.value;
    case "ArithVariable":
    case "ArithSpecialVar":
      return number(valueOf(shell, node.name) ?? "");
    case "ArithGroup":
    case "ArithNested":
      return await evaluate(shell, node.expression);
    case "ArithBinary": {
      const left = await evaluate(shell, node.left);
      return compute(node.operator, left, await evaluate(shell, node.right));
    }
    case "ArithCommandSubst":
      return number((await shell.capture(parse(node.command))).text);
    default:
      throw leftOut(`this in $((...)), ${node.type}`);
  }
}

function number(text: string): number {
  if (!/^\s*([-+]?\d+)?\s*$/.test(text)) throw new ShellError(`Illegal number: ${text}`);
  return Number(text);
}

function compute(operator: string, left: number, right: number): number {
  const results: Readonly<Record<string, number>> = {
    "+": left + right,
    "-": left - right,
    "*": left * right,
    "/": Math.trunc(left / right),
    "%": left % right,
  };
  const result = results[operator];
  if (result === undefined) throw leftOut(`${operator} in $((...))`);
  if (!Number.isFinite(result)) throw new ShellError("division by zero");
  return result;
}
