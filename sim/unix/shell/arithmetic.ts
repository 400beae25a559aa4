import type { ArithExpr } from "./ast.ts";
import { valueOf } from "./parameter.ts";
import type { Shell } from "./shell.ts";
import { parse } from "./ast.ts";
import { ShellError } from "./state.ts";

/** The value of an arithmetic expression; assignments in it take effect. */
export async function evaluate(shell: Shell, node: ArithExpr): Promise<number> {
  switch (node.type) {
    case "ArithNumber":
      return node.value;
    case "ArithVariable":
    case "ArithSpecialVar":
      return await variable(shell, node.name);
    case "ArithGroup":
    case "ArithNested":
      return await evaluate(shell, node.expression);
    case "ArithUnary":
      return await unary(shell, node);
    case "ArithBinary":
      return await binary(shell, node);
    case "ArithTernary":
      return await evaluate(
        shell,
        await evaluate(shell, node.condition) !== 0 ? node.consequent : node.alternate,
      );
    case "ArithAssignment": {
      const value = await evaluate(shell, node.value);
      const operator = node.operator.slice(0, -1);
      const result = operator === ""
        ? value
        : compute(operator, await variable(shell, node.variable), value);
      shell.state.set(node.variable, String(result));
      return result;
    }
    case "ArithCommandSubst":
      return await number(shell, (await shell.capture(parse(node.command))).text.trim());
    case "ArithBracedExpansion":
      return await braced(shell, node.content);
    case "ArithSingleQuote":
      return node.value;
    case "ArithSyntaxError":
      throw new ShellError(`arithmetic expression: ${node.message}`);
    default:
      throw new ShellError("arithmetic expression: not part of the simulated shell");
  }
}

async function variable(shell: Shell, name: string): Promise<number> {
  return await number(shell, (valueOf(shell, name) ?? "").trim());
}

async function number(shell: Shell, text: string): Promise<number> {
  if (text === "") return 0;
  if (/^[-+]?0[0-7]+$/.test(text)) return parseInt(text, 8);
  if (/^[-+]?(\d+|0x[\da-f]+)$/i.test(text)) return Number(text);
  return await evaluate(shell, expression(text));
}

function expression(text: string): ArithExpr {
  const [statement] = parse(`(( ${text} ))`).statements;
  const command = statement?.pipelines[0]?.commands[0];
  if (command?.type === "ArithmeticCommand") return command.expression.expression;
  throw new ShellError(`Illegal number: ${text}`);
}

/** `${x:-1}` and the like inside an expression. */
async function braced(shell: Shell, content: string): Promise<number> {
  const { text } = await shell.capture(parse(`echo "\${${content}}"`));
  return await number(shell, text.trim());
}

async function unary(
  shell: Shell,
  node: Extract<ArithExpr, { type: "ArithUnary" }>,
): Promise<number> {
  const { operand, operator } = node;
  const value = await evaluate(shell, operand);
  if (operator === "++" || operator === "--") {
    if (operand.type !== "ArithVariable") {
      throw new ShellError("arithmetic expression: expecting primary");
    }
    const next = value + (operator === "++" ? 1 : -1);
    shell.state.set(operand.name, String(next));
    return node.prefix ? next : value;
  }
  if (operator === "-") return -value;
  if (operator === "!") return value === 0 ? 1 : 0;
  return operator === "~" ? ~value : value;
}

async function binary(
  shell: Shell,
  node: Extract<ArithExpr, { type: "ArithBinary" }>,
): Promise<number> {
  const left = await evaluate(shell, node.left);
  if (node.operator === "&&" && left === 0) return 0;
  if (node.operator === "||" && left !== 0) return 1;
  return compute(node.operator, left, await evaluate(shell, node.right));
}

function compute(operator: string, left: number, right: number): number {
  const truth = (value: boolean) => value ? 1 : 0;
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
    case "%":
      if (right === 0) throw new ShellError("division by zero");
      return operator === "/" ? Math.trunc(left / right) : left % right;
    case "**":
      return left ** right;
    case "<<":
      return left << right;
    case ">>":
      return left >> right;
    case "<":
      return truth(left < right);
    case "<=":
      return truth(left <= right);
    case ">":
      return truth(left > right);
    case ">=":
      return truth(left >= right);
    case "==":
      return truth(left === right);
    case "!=":
      return truth(left !== right);
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&&":
    case "||":
      return truth(right !== 0);
    default:
      return right;
  }
}
