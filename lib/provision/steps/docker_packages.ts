import { GET } from "./get.ts";
import { APT, dnf, installFor, withManager } from "./package_managers.ts";

/** Where Docker's own packages come from. */
const SITE = "https://download.docker.com/linux";

/**
 * Shell with a function `official`, which installs Docker's own packages with their key in a file
 * of its own; it says why when it cannot, and leaves no repository behind then. `compose` is empty
 * or a word.
 */
export const OFFICIAL = `${GET}
official() {
id=$(. /etc/os-release; echo "$ID")
code=$(. /etc/os-release; echo "$VERSION_CODENAME")
case $id in
debian | ubuntu | fedora | rhel) ;;
centos | rocky | almalinux) id=centos ;;
*) echo "Docker has no packages of its own for $id"; return 1 ;;
esac
need_get
case $id in
debian | ubuntu) key=/etc/apt/keyrings/docker.asc list=/etc/apt/sources.list.d/docker.sources ;;
*) key=/etc/pki/rpm-gpg/docker.asc list=/etc/yum.repos.d/docker-ce.repo ;;
esac
if ! get "${SITE}/$id/gpg" >"$pxrun/key" || ! grep -q 'BEGIN PGP PUBLIC KEY' "$pxrun/key"; then
echo "the key of Docker's packages cannot be had from ${SITE}/$id/gpg"
return 1
fi
mkdir -p "\${key%/*}" "\${list%/*}" && cat "$pxrun/key" >"$key" && chmod 644 "$key" || return 1
set -- docker-ce docker-ce-cli containerd.io docker-buildx-plugin \${compose:+docker-compose-plugin}
case $id in
debian | ubuntu)
printf 'Types: deb\\nURIs: ${SITE}/%s\\nSuites: %s\\nComponents: stable\\nSigned-By: %s\\n' \\
"$id" "$code" "$key" >"$list"
(
${APT.install}
) ;;
*)
printf '[docker-ce-stable]\\nname=Docker CE\\nbaseurl=${SITE}/%s/$releasever/$basearch/stable\\nenabled=1\\ngpgcheck=1\\ngpgkey=file://%s\\n' \\
"$id" "$key" >"$list"
(
${dnf("dnf").install}
) ;;
esac && return
rm -f "$list" "$key"
echo "Docker's own packages cannot be installed"
return 1
}`;

const ENGINES: Readonly<Record<string, string>> = {
  "apt-get": "docker.io",
  dnf: "moby-engine",
  microdnf: "moby-engine",
  yum: "moby-engine",
};

const COMPOSE: Readonly<Record<string, string>> = {
  "apt-get":
    "$(apt-cache show docker-compose-v2 >/dev/null 2>&1 && echo docker-compose-v2 || echo docker-compose)",
  apk: "docker-cli-compose",
};

/** Shell with functions that install the distribution's own Docker and compose. */
export const DISTRO = `distro() {
${installFor((manager) => ENGINES[manager] ?? "docker")}
}
distro_compose() (
${
  withManager((manager) =>
    `set -- ${COMPOSE[manager.needs[0]] ?? "docker-compose"}\n${manager.install}`
  )
}
)`;
