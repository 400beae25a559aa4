import { notHere } from "../not_here.ts";
import type { Process } from "../os/process.ts";
import { contentOf, type Node } from "../os/tree.ts";

/** An expression that `test` cannot read. */
export class TestError extends Error {}

/** The value of the arguments of `test`, of which there may be one expression, and `!`. */
export function testExpression(process: Process, words: readonly string[]): boolean {
  const [first = "", second = "", third = "", ...more] = words;
  if (first === "!" && words.length > 1) return !testExpression(process, words.slice(1));
  if (words.length < 2) return first !== "";
  const result = words.length === 2
    ? unaryTest(process, first, second)
    : more.length === 0
    ? binaryTest(second, first, third)
    : undefined;
  if (result === undefined) throw new TestError(notHere(`test ${words.join(" ")}`));
  return result;
}

/** `-f x` and the like; undefined when it is no operator. */
function unaryTest(process: Process, operator: string, operand: string): boolean | undefined {
  if (operator === "-z") return operand === "";
  if (operator === "-n") return operand !== "";
  if (operator === "-t") return process.fds.get(Number(operand))?.terminal ?? false;
  const permission = { "-r": 4, "-w": 2, "-x": 1 }[operator];
  if (permission !== undefined) return operand !== "" && process.may(operand, permission);
  const check = FILE_TESTS[operator];
  if (check === undefined) return undefined;
  const follow = operator !== "-L" && operator !== "-h";
  const node = operand === "" ? undefined : process.system.tree.find(process.path(operand), follow);
  return node !== undefined && check(node, process);
}

const FILE_TESTS: Readonly<Record<string, (node: Node, process: Process) => boolean>> = {
  "-e": () => true,
  "-f": (node) => node.kind === "file",
  "-d": (node) => node.kind === "dir",
  "-L": (node) => node.kind === "link",
  "-h": (node) => node.kind === "link",
  "-c": (node) => node.kind === "device",
  "-s": (node) => node.kind !== "file" || contentOf(node).length > 0,
};

/** `a = b` and the like; undefined when it is no operator. */
function binaryTest(operator: string, left: string, right: string): boolean | undefined {
  if (operator === "=") return left === right;
  if (operator === "!=") return left !== right;
  if (!/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) return undefined;
  const [a, b] = [integer(left), integer(right)];
  const results: Readonly<Record<string, boolean>> = {
    "-eq": a === b,
    "-ne": a !== b,
    "-lt": a < b,
    "-le": a <= b,
    "-gt": a > b,
    "-ge": a >= b,
  };
  return results[operator];
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`Illegal number: ${text}`);
  return Number(text);
}
