import type { Process } from "../os/process.ts";
import { contentOf, entriesOf, type Node } from "../os/tree.ts";

/** An expression that `test` cannot read. */
export class TestError extends Error {}

/** The value of the arguments of `test`, as POSIX and the common `-a`, `-o`, `(` read them. */
export function testExpression(process: Process, words: readonly string[]): boolean {
  const [first = "", second = "", third = "", fourth = ""] = words;
  switch (words.length) {
    case 0:
      return false;
    case 1:
      return first !== "";
    case 2:
      if (first === "!") return second === "";
      return unaryTest(process, first, second) ?? unexpected(first);
    case 3: {
      const result = binaryTest(process, second, first, third);
      if (result !== undefined) return result;
      if (first === "!") return !testExpression(process, [second, third]);
      if (first === "(" && third === ")") return second !== "";
      break;
    }
    case 4:
      if (first === "!") return !testExpression(process, [second, third, fourth]);
      if (first === "(" && fourth === ")") return testExpression(process, [second, third]);
  }
  const reader = { words, at: 0 };
  const result = readOr(process, reader);
  if (reader.at < words.length) return unexpected(words[reader.at] ?? "");
  return result;
}

interface Reader {
  readonly words: readonly string[];
  at: number;
}

function readOr(process: Process, reader: Reader): boolean {
  let result = readAnd(process, reader);
  while (reader.words[reader.at] === "-o") {
    reader.at++;
    result = readAnd(process, reader) || result;
  }
  return result;
}

function readAnd(process: Process, reader: Reader): boolean {
  let result = readPrimary(process, reader);
  while (reader.words[reader.at] === "-a") {
    reader.at++;
    result = readPrimary(process, reader) && result;
  }
  return result;
}

function readPrimary(process: Process, reader: Reader): boolean {
  const { words } = reader;
  const word = words[reader.at++];
  if (word === undefined) throw new TestError("argument expected");
  if (word === "!") return !readPrimary(process, reader);
  if (word === "(") {
    const result = readOr(process, reader);
    if (words[reader.at++] !== ")") throw new TestError("closing paren expected");
    return result;
  }
  const [next, operand] = [words[reader.at], words[reader.at + 1]];
  if (next !== undefined && operand !== undefined) {
    const result = binaryTest(process, next, word, operand);
    if (result !== undefined) {
      reader.at += 2;
      return result;
    }
  }
  if (next !== undefined) {
    const result = unaryTest(process, word, next);
    if (result !== undefined) {
      reader.at++;
      return result;
    }
  }
  return word !== "";
}

function unexpected(word: string): never {
  throw new TestError(`${word}: unexpected operator`);
}

/** `-f x` and the like; undefined when it is no operator. */
export function unaryTest(
  process: Process,
  operator: string,
  operand: string,
): boolean | undefined {
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
  "-a": () => true,
  "-f": (node) => node.kind === "file",
  "-d": (node) => node.kind === "dir",
  "-L": (node) => node.kind === "link",
  "-h": (node) => node.kind === "link",
  "-c": (node) => node.kind === "device",
  "-b": () => false,
  "-p": () => false,
  "-S": () => false,
  "-s": (node) =>
    node.kind === "file"
      ? contentOf(node).length > 0
      : node.kind === "dir" && entriesOf(node).size >= 0,
  "-u": (node) => (node.mode & 0o4000) !== 0,
  "-g": (node) => (node.mode & 0o2000) !== 0,
  "-k": (node) => (node.mode & 0o1000) !== 0,
  "-O": (node, process) => node.uid === process.who.uid,
  "-G": (node, process) => node.gid === process.who.gid,
};

/** `a = b` and the like; undefined when it is no operator. */
export function binaryTest(
  process: Process,
  operator: string,
  left: string,
  right: string,
): boolean | undefined {
  switch (operator) {
    case "=":
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "-eq":
      return integer(left) === integer(right);
    case "-ne":
      return integer(left) !== integer(right);
    case "-lt":
      return integer(left) < integer(right);
    case "-le":
      return integer(left) <= integer(right);
    case "-gt":
      return integer(left) > integer(right);
    case "-ge":
      return integer(left) >= integer(right);
  }
  const find = (path: string) => process.system.tree.find(process.path(path));
  switch (operator) {
    case "-nt":
      return (find(left)?.mtime ?? 0) > (find(right)?.mtime ?? 0);
    case "-ot":
      return (find(left)?.mtime ?? 0) < (find(right)?.mtime ?? 0);
    case "-ef":
      return find(left) !== undefined && find(left) === find(right);
    default:
      return undefined;
  }
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`Illegal number: ${text}`);
  return Number(text);
}
