const FIRST_LINE =
  /^\ufeff?#![ \t]*(?:\S*\/env[ \t]+(?:-S[ \t]*)?(?![\w]+=))?([\w./][\w./+-]*(?:[ \t]+[!-~]+)*)[ \t]*(?:\r|\n|$)/;

/**
 * The program that a script's first line names (`#!/usr/bin/env python3`), otherwise sh. Which
 * program reads an encrypted script is no secret: it is in the process list.
 */
export function defaultInterpreter(script: string): string {
  return FIRST_LINE.exec(script)?.[1] ?? "sh";
}
