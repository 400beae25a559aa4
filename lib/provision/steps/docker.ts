import { quote } from "../../core/argv.ts";
import type { Docker } from "../../recipe/schema/types.ts";
import { NOTE, type Step, WARNING } from "../step.ts";
import { official } from "./official_packages.ts";
import { installFor, REPAIR, withManager } from "./package_managers.ts";
import { invalid } from "./values.ts";

/** Repository of Docker's own packages. */
const SITE = "https://download.docker.com/linux";

/** `compose` is empty or a word. */
const OFFICIAL = official({
  name: "Docker",
  site: SITE,
  choices: `debian | ubuntu | fedora | rhel) from=$id/gpg ;;
centos | rocky | almalinux) id=centos from=centos/gpg ;;`,
  isKey: `grep -q 'BEGIN PGP PUBLIC KEY' "$pxrun/key"`,
  aptKey: "docker.asc",
  component: "stable",
  repoFile: "docker-ce",
  repo:
    `'[docker-ce-stable]\\nname=Docker CE\\nbaseurl=${SITE}/%s/$releasever/$basearch/stable\\nenabled=1\\ngpgcheck=1\\ngpgkey=file://%s\\n' "$id" "$key"`,
  packages:
    "docker-ce docker-ce-cli containerd.io docker-buildx-plugin ${compose:+docker-compose-plugin}",
});

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
const DISTRO = `distro() {
${installFor((manager) => ENGINES[manager] ?? "docker")}
}
distro_compose() (
${
  withManager((manager) =>
    `set -- ${COMPOSE[manager.needs[0]] ?? "docker-compose"}\n${manager.install}`
  )
}
)`;

/** Holds the version of Docker that has started a container here; another version is tried again. */
const TRIED = "/var/lib/pxrun/docker";

/**
 * Has Docker, running, and shown to work: it starts a container of an image made of a program that
 * is there anyway, so that no registry is needed. A Docker that is there already is left as it is,
 * whatever its source.
 *
 * @throws {PxrunError} INVALID_RECIPE for names that no account can have.
 */
export function dockerStep({ source, users, compose }: Docker): Step {
  for (const name of users) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(name)) {
      throw invalid(`provisioning.docker: ${JSON.stringify(name)} is no name of a user`);
    }
  }
  const here = `compose=${compose ? "yes" : ""}
set -- ${users.map(quote).join(" ")}
version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }
has_compose() { command -v docker-compose >/dev/null 2>&1 || docker compose version >/dev/null 2>&1; }
is_member() { case " $(id -Gn "$1" 2>/dev/null) " in *' docker '*) ;; *) return 1 ;; esac; }`;
  return {
    id: "docker",
    kind: "docker",
    title: "docker",
    check: `${here}
running=$(version) && [ -n "$running" ] && [ "$(cat ${TRIED} 2>/dev/null)" = "$running" ] || exit 1
[ -z "$compose" ] || has_compose || exit 1
for user; do is_member "$user" || exit 1; done`,
    act: `${here}
fail() { echo "$*" >&2; exit 1; }
${OFFICIAL}
${DISTRO}
${START}
${REPAIR}
if ! command -v docker >/dev/null 2>&1; then
${
      source === "official"
        ? `official || {
echo "${WARNING}docker: Docker's own packages cannot be had here: the distribution's is taken instead"
distro
}`
        : "distro"
    }
fi
if [ -n "$compose" ] && ! has_compose; then
distro_compose && has_compose || fail "cannot install docker compose"
fi
start
for user; do
is_member "$user" && continue
id -u "$user" >/dev/null 2>&1 || fail "there is no user $user for the group docker; it belongs in users"
if command -v usermod >/dev/null 2>&1; then usermod -aG docker "$user"; else addgroup "$user" docker; fi ||
fail "cannot add $user to the group docker"
done
command -v tar >/dev/null 2>&1 || {
${installFor(() => "tar")}
}
${TRY}
driver=$(docker info --format '{{.Driver}}' 2>/dev/null)
echo "${NOTE}version $running, storage driver $driver"
[ -z "$compose" ] || docker compose version >/dev/null 2>&1 ||
echo "${WARNING}docker: compose is called docker-compose here: it is the distribution's older one"
[ "$driver" != vfs ] || echo "${WARNING}docker: vfs copies whole layers: slow, and large; on ZFS, fuse-overlayfs or a newer ZFS helps"
mkdir -p ${TRIED.slice(0, TRIED.lastIndexOf("/"))} && echo "$running" >${TRIED}`,
    timeout: 30 * 60_000,
    continueOnError: false,
    tells: true,
    secrets: [],
  };
}

/** Starts it, now and at every boot, and waits for it to answer. */
const START = `start() {
if command -v systemctl >/dev/null 2>&1; then systemctl enable --now docker
elif command -v rc-update >/dev/null 2>&1; then
rc-update add docker default
rc-service docker start
else service docker start
fi
end=$(($(date +%s) + 60))
until running=$(version) && [ -n "$running" ]; do
if [ "$(date +%s)" -ge "$end" ]; then
docker info >&2
journalctl -u docker -n 15 --no-pager >&2 2>/dev/null
fail "Docker does not answer"
fi
sleep 0.5 2>/dev/null || sleep 1
done
}`;

/** An image of one program and its libraries; what runc says when it fails is known. */
const TRY = `program=/usr/bin/env
libraries=$(ldd "$program" 2>/dev/null | sed -n 's,^[^/]*\\(/[^ ]*\\) (0x[0-9a-f]*)$,\\1,p')
tar -chf - "$program" $libraries 2>/dev/null | docker import - pxrun-smoke-test >/dev/null ||
fail "Docker cannot take an image"
docker run --rm pxrun-smoke-test "$program" >/dev/null 2>"$pxrun/docker"
status=$?
docker rmi -f pxrun-smoke-test >/dev/null 2>&1
if [ $status -ne 0 ]; then
cat "$pxrun/docker" >&2
case $(cat "$pxrun/docker") in
*ip_unprivileged_port_start* | *'reopen fd '*)
echo "this is known: runc 1.2.8, 1.3.3 and newer do what the node's AppArmor rules for containers forbid" >&2
echo "(github.com/opencontainers/runc/issues/4968). Update the node, for a newer lxc-pve has other rules," >&2
echo "and restart the container. Taking AppArmor away would help too; pxrun does not do that." >&2 ;;
*[Aa]pp[Aa]rmor*)
echo "the node's AppArmor forbids it: does the container have the feature nesting?" >&2 ;;
*'peration not permitted'* | *keyctl*)
echo "an unprivileged container may lack the feature nesting, or keyctl on an old kernel" >&2 ;;
esac
fail "Docker is installed and cannot start a container"
fi`;
