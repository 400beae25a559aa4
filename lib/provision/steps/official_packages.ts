import { APT, dnf, installFor } from "./package_managers.ts";

/** The packages that a project offers itself, for some distributions. */
export interface OfficialPackages {
  /** The project: `Docker`. */
  readonly name: string;
  /** Repository of them. */
  readonly site: string;
  /**
   * Patterns of `case $id` with what they set: `from`, the key's path at the site, and `id` where the
   * site calls the distribution otherwise. `major` is the first part of the version.
   */
  readonly choices: string;
  /** A shell command that succeeds for a key in `"$pxrun/key"`. */
  readonly isKey: string;
  /** The name of the key's file for apt. */
  readonly aptKey: string;
  /** The component of the repository for apt. */
  readonly component: string;
  /** The name of the repository's file for dnf, without its ending. */
  readonly repoFile: string;
  /** Contents of that file, as words of `printf`; `$key` is the key's file. */
  readonly repo: string;
  /** Their names, as shell words. */
  readonly packages: string;
}

/**
 * Shell with a function `official`, which installs a project's own packages with their key in a file
 * of its own; it says why when it cannot, and leaves no repository behind then.
 */
export function official(
  { name, site, choices, isKey, aptKey, component, repoFile, repo, packages }: OfficialPackages,
): string {
  const own = name.toLowerCase();
  return `get() {
if command -v curl >/dev/null 2>&1; then curl -fsSL --retry 2 --max-time 120 "$1"
else wget -q -T 120 -O - "$1"; fi
}
need_get() {
command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || {
${installFor(() => "ca-certificates curl")}
}
}
official() {
id=$(. /etc/os-release; echo "$ID")
code=$(. /etc/os-release; echo "$VERSION_CODENAME")
major=$(. /etc/os-release; echo "\${VERSION_ID%%.*}")
case $id in
${choices}
*) echo "${name} has no packages of its own for $id"; return 1 ;;
esac
need_get
case $id in
debian | ubuntu) key=/etc/apt/keyrings/${aptKey} list=/etc/apt/sources.list.d/${own}.sources ;;
*) key=/etc/pki/rpm-gpg/${own}.asc list=/etc/yum.repos.d/${repoFile}.repo ;;
esac
if ! get "${site}/$from" >"$pxrun/key" || ! ${isKey}; then
echo "the key of ${name}'s packages cannot be had from ${site}/$from"
return 1
fi
mkdir -p "\${key%/*}" "\${list%/*}" && cat "$pxrun/key" >"$key" && chmod 644 "$key" || return 1
set -- ${packages}
case $id in
debian | ubuntu)
printf 'Types: deb\\nURIs: ${site}/%s\\nSuites: %s\\nComponents: ${component}\\nSigned-By: %s\\n' \\
"$id" "$code" "$key" >"$list"
(
${APT.install}
) ;;
*)
printf ${repo} >"$list"
(
${dnf("dnf").install}
) ;;
esac && return
rm -f "$list" "$key"
echo "${name}'s own packages cannot be installed"
return 1
}`;
}
