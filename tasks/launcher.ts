/**
 * The launcher that `deno task bundle` puts beside the bundle: `pxrun` for POSIX shells, with the
 * permissions that pxrun can need and no others.
 */

/** All permissions that any command needs, but for programs; docs/permissions.md has them by command. */
export const LAUNCHER_FLAGS: readonly string[] = [
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-sys=hostname,uid,gid,username",
];

/** The programs that it runs. */
export const LAUNCHER_PROGRAMS: readonly string[] = ["ssh", "stty", "sops", "age-keygen", "kill"];

/**
 * The launcher's text. It finds the bundle beside itself, also through links and wherever the
 * directory was moved to.
 *
 * @param files The files of the bundle, the one to run first.
 */
export function launcher(files: readonly string[]): string {
  const [main = ""] = files;
  return `#!/bin/sh
# pxrun, with the files that lie beside this one: ${files.join(" ")}
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in /*) self=$target ;; *) self=\${self%/*}/$target ;; esac
done
case $self in */*) directory=\${self%/*} ;; *) directory=. ;; esac
for file in ${files.join(" ")}; do
  [ -f "$directory/$file" ] && continue
  echo "error: $directory/$file is missing" >&2
  echo "hint: all files of the bundle belong in one directory: copy them together, or make them again with \\\`deno task bundle\\\`" >&2
  exit 1
done
if ! command -v deno >/dev/null; then
  echo "error: pxrun runs on Deno, which is not on the PATH" >&2
  echo "hint: npm install --global deno@2.9.6" >&2
  exit 1
fi
run=--allow-run=${LAUNCHER_PROGRAMS.join(",")}
# The simulator starts the command that it is given, whatever that is.
[ "$1" != simulator ] || run=--allow-run
exec deno run --no-config --no-remote --no-npm --no-prompt --quiet \\
  ${LAUNCHER_FLAGS.join(" ")} "$run" "$directory/${main}" "$@"
`;
}
