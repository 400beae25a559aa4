import { limits } from "../../core/limits.ts";
import { quote } from "../../core/argv.ts";
import type { Step } from "../step.ts";
import { invalid } from "./values.ts";
import { type PackageManager, withManager } from "./package_managers.ts";

/**
 * A name, perhaps with architecture, release or version, as the package manager spells it. An
 * option or a shell's word cannot be written with it. apt takes a `-` at the end for "remove".
 */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.+_~:\/@()-]*([<>=~]{1,2}[A-Za-z0-9.+_~:-]+\*?)?$/;

/**
 * Has packages installed by whichever package manager the container has.
 *
 * @throws {PxrunError} INVALID_RECIPE for what cannot be the name of a package.
 */
export function packagesStep(packages: readonly string[]): Step {
  const names = [...new Set(packages)];
  for (const name of names) {
    if (!NAME.test(name) || name.endsWith("-") || name.includes("://")) {
      throw invalid(
        `${JSON.stringify(name)} is not the name of a package`,
        "a name begins with a letter or digit; groups and files are a matter for a script",
      );
    }
  }
  return {
    id: "packages",
    kind: "packages",
    title: title(names),
    check: script(names, check),
    act: script(names, act),
    timeout: limits.provision.packages,
    continueOnError: false,
    secrets: [],
  };
}

/** Names the first five. */
function title(names: readonly string[]): string {
  const rest = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return `packages ${names.slice(0, 5).join(", ")}${rest}`;
}

/** Asks once for all, then for each, since a name may also be one that others provide. */
function check(manager: PackageManager): string {
  return `${manager.all} && exit 0
${manager.has}
for want; do
has "$want" || { echo "$want is not installed" >&2; exit 1; }
done`;
}

/** Installs only what is missing: a name that others provide may be none to install. */
function act(manager: PackageManager): string {
  return `${manager.repair}
${manager.has}
for want; do
shift
has "$want" || set -- "$@" "$want"
done
[ $# -gt 0 ] || exit 0
${manager.install}`;
}

/** Commands for the first package manager that is there, with the names as "$@". */
function script(names: readonly string[], part: (manager: PackageManager) => string): string {
  return `set -- ${names.map(quote).join(" ")}\n${withManager(part)}`;
}
