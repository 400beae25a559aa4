import { commandLine, quote } from "../../core/argv.ts";
import { reveal } from "../../core/secret.ts";
import type { Script } from "../../recipe/schema/types.ts";
import type { Step } from "../step.ts";
import { bytesOf, type Content, emit, invalid, secretsIn } from "./values.ts";

/** A script to run, with its content at hand. */
export type ScriptWish = Omit<Script, "content" | "source" | "interpreter"> & {
  readonly content: Content;
  readonly interpreter: string;
};

/** Variables that some shell refuses to set, or reads while it sets them. */
const RESERVED = /^(UID|EUID|PPID|BASHOPTS|SHELLOPTS|BASH_VERSINFO|OPTIND|OPTARG|LINENO|_)$/;

/**
 * Runs a script of the recipe. Only its author knows whether it has to run, so it runs each
 * time and should be written for that. It is a file that only its user can read, for as long as
 * it runs, with /dev/null as standard input; its environment is exported by the shell before.
 *
 * @param id The step's id: `scripts[0]`.
 * @throws {PxrunError} INVALID_RECIPE for names that nothing can have.
 */
export function scriptStep(id: string, wish: ScriptWish): Step {
  validate(id, wish);
  const { environment, working_dir: directory, run_as: user = "root" } = wish;
  const interpreter = wish.interpreter.trim().split(/\s+/);
  const program = quote(interpreter[0] ?? "");
  const variables = Object.entries(environment).map(([key, value]) =>
    `export ${key}=${quote(reveal(value))}`
  );
  return {
    id,
    kind: "scripts",
    title: `script ${wish.name}`,
    check: undefined,
    act: `fail() { echo "$*" >&2; exit 1; }
umask 077
${
      emit(bytesOf(wish.content))
    } >"$pxrun/script" && chmod 700 "$pxrun/script" || fail "cannot write the script"
umask 022
${user === "root" ? "set --" : become(user)}
USER=${user} LOGNAME=${user} HOME=~${user}
export USER LOGNAME HOME
${UTF8}
set -- "$@" ${commandLine(interpreter)} "$pxrun/script"
${variables.join("\n")}
${
      directory === undefined
        ? HOME
        : `cd ${quote(directory)} || fail "the script has no directory to work in"`
    }
command -v ${program} >/dev/null 2>&1 || fail ${program} "is not installed in this container"
exec "$@"`,
    timeout: wish.timeout * 1000,
    continueOnError: wish.continue_on_error,
    secrets: secretsIn([wish.content, ...Object.values(environment)]),
  };
}

/**
 * Puts before the command, as "$@", what runs it as another user with the same environment. runuser
 * is part of util-linux; su is what BusyBox has, and takes the words of the command as words, too.
 * Both are looked up now, since the script may have a PATH of its own.
 */
function become(user: string): string {
  return `id -u ${user} >/dev/null 2>&1 || fail "there is no user ${user} in this container to run as"
chmod 711 /run/pxrun "$pxrun" && chown ${user} "$pxrun/script" || fail "cannot hand the script to ${user}"
if runuser=$(command -v runuser); then
set -- "$runuser" -u ${user} --
else
set -- "$(command -v su)" -p -s /bin/sh -c 'exec "$0" "$@"' -- ${user}
fi`;
}

const HOME = 'cd "$HOME" 2>/dev/null || cd /';

/** musl always has it, without a program to ask; elsewhere only what is there may be set. */
const UTF8 = `if ls /lib/ld-musl-* >/dev/null 2>&1 ||
locale -a 2>/dev/null | grep -qi '^C\\.utf-\\{0,1\\}8$'; then
LC_ALL=C.UTF-8
fi`;

function validate(id: string, wish: ScriptWish): void {
  const { interpreter, environment, working_dir: directory, run_as: user } = wish;
  if (!/^[\w.\/][\w.\/+-]*(\s+[\x21-\x7e]+)*$/.test(interpreter.trim())) {
    throw invalid(`${id}: ${JSON.stringify(interpreter)} is not the name of an interpreter`);
  }
  if (user !== undefined && !/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(user)) {
    throw invalid(`${id}: ${JSON.stringify(user)} is not the name of a user to run as`);
  }
  if (directory !== undefined && (!directory.startsWith("/") || directory.includes("\0"))) {
    throw invalid(`${id}: the working_dir ${JSON.stringify(directory)} is not an absolute path`);
  }
  for (const [key, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_]\w*$/.test(key) || RESERVED.test(key)) {
      throw invalid(`${id}: no variable of a script can be called ${JSON.stringify(key)}`);
    }
    if (reveal(value).includes("\0")) {
      throw invalid(`${id}: the value of ${key} holds a NUL byte, which no variable can`);
    }
  }
}
