import type { ConditionalNode } from "./ast.ts";
import { evaluate } from "./arithmetic.ts";
import { parse } from "./ast.ts";
import { expandPattern, expandText } from "./expand.ts";
import { patternOf } from "./pattern.ts";
import type { Shell } from "./shell.ts";
import { binaryTest, unaryTest } from "./test_expression.ts";

/** Whether `[[ … ]]` is true. */
export async function testConditional(shell: Shell, node: ConditionalNode): Promise<boolean> {
  switch (node.type) {
    case "CondGroup":
      return await testConditional(shell, node.expression);
    case "CondNot":
      return !await testConditional(shell, node.operand);
    case "CondAnd":
      return await testConditional(shell, node.left) && await testConditional(shell, node.right);
    case "CondOr":
      return await testConditional(shell, node.left) || await testConditional(shell, node.right);
    case "CondWord":
      return await expandText(shell, node.word) !== "";
    case "CondUnary": {
      const operand = await expandText(shell, node.operand);
      if (node.operator === "-v") return shell.state.get(operand) !== undefined;
      return unaryTest(shell.process, node.operator, operand) ?? false;
    }
    case "CondBinary":
      return await binary(shell, node);
  }
}

async function binary(
  shell: Shell,
  node: Extract<ConditionalNode, { type: "CondBinary" }>,
): Promise<boolean> {
  const left = await expandText(shell, node.left);
  const { operator } = node;
  if (operator === "=" || operator === "==" || operator === "!=") {
    const matches = patternOf(await expandPattern(shell, node.right)).test(left);
    return matches === (operator !== "!=");
  }
  const right = await expandText(shell, node.right);
  if (operator === "=~") return new RegExp(right).test(left);
  if (/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) {
    const value = async (text: string) => {
      const command = parse(`((${text || 0}))`).statements[0]?.pipelines[0]?.commands[0];
      return command?.type === "ArithmeticCommand"
        ? String(await evaluate(shell, command.expression.expression))
        : "0";
    };
    return binaryTest(shell.process, operator, await value(left), await value(right)) ?? false;
  }
  return binaryTest(shell.process, operator, left, right) ?? false;
}
