import { GET } from "./get.ts";
import { APT, dnf, installFor } from "./package_managers.ts";

/** Where Tailscale's own packages come from. */
const SITE = "https://pkgs.tailscale.com/stable";

/**
 * Shell with a function `official`, which installs Tailscale's own package with its key in a file
 * of its own; it says why when it cannot, and leaves no repository behind then.
 */
export const OFFICIAL = `${GET}
official() {
id=$(. /etc/os-release; echo "$ID")
code=$(. /etc/os-release; echo "$VERSION_CODENAME")
major=$(. /etc/os-release; echo "\${VERSION_ID%%.*}")
case $id in
debian | ubuntu) from=$id/$code.noarmor.gpg list=/etc/apt/sources.list.d/tailscale.sources
keyring=/etc/apt/keyrings/tailscale.gpg ;;
fedora | rocky | almalinux) from=fedora/repo.gpg ;;
centos | rhel) from=$id/$major/repo.gpg ;;
*) echo "Tailscale has no packages of its own for $id"; return 1 ;;
esac
: "\${list:=/etc/yum.repos.d/tailscale.repo}" "\${keyring:=/etc/pki/rpm-gpg/tailscale.asc}"
need_get
if ! get "${SITE}/$from" >"$pxrun/keyring" || ! [ -s "$pxrun/keyring" ]; then
echo "the key of Tailscale's packages cannot be had from ${SITE}/$from"
return 1
fi
mkdir -p "\${keyring%/*}" "\${list%/*}" && cat "$pxrun/keyring" >"$keyring" &&
chmod 644 "$keyring" || return 1
set -- tailscale
case $id in
debian | ubuntu)
printf 'Types: deb\\nURIs: ${SITE}/%s\\nSuites: %s\\nComponents: main\\nSigned-By: %s\\n' \\
"$id" "$code" "$keyring" >"$list"
(
${APT.install}
) ;;
*)
printf '[tailscale-stable]\\nname=Tailscale\\nbaseurl=${SITE}/%s/$basearch\\nenabled=1\\nrepo_gpgcheck=1\\ngpgcheck=0\\ngpgkey=file://%s\\n' \\
"\${from%/*}" "$keyring" >"$list"
(
${dnf("dnf").install}
) ;;
esac && return
rm -f "$list" "$keyring"
echo "Tailscale's own package cannot be installed"
return 1
}`;

/** Shell with a function that installs the distribution's own Tailscale. */
export const DISTRO = `distro() {
${installFor(() => "tailscale")}
}`;
