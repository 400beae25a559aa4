import { quote } from "../../core/argv.ts";
import type { Secret } from "../../core/secret.ts";
import type { Tailscale } from "../../recipe/schema/types.ts";
import { type Step, WARNING } from "../step.ts";
import { official } from "./official_packages.ts";
import { installFor, REPAIR } from "./package_managers.ts";
import { emit, invalid } from "./values.ts";

/** Repository of Tailscale's own packages. */
const SITE = "https://pkgs.tailscale.com/stable";

const OFFICIAL = official({
  name: "Tailscale",
  site: SITE,
  choices: `debian | ubuntu) from=$id/$code.noarmor.gpg ;;
fedora | rocky | almalinux) from=fedora/repo.gpg ;;
centos | rhel) from=$id/$major/repo.gpg ;;`,
  isKey: `[ -s "$pxrun/key" ]`,
  aptKey: "tailscale.gpg",
  component: "main",
  repoFile: "tailscale",
  repo:
    `'[tailscale-stable]\\nname=Tailscale\\nbaseurl=${SITE}/%s/$basearch\\nenabled=1\\nrepo_gpgcheck=1\\ngpgcheck=0\\ngpgkey=file://%s\\n' "\${from%/*}" "$key"`,
  packages: "tailscale",
});

/** Shell with a function that installs the distribution's own Tailscale. */
const DISTRO = `distro() {
${installFor(() => "tailscale")}
}`;

/** File of the key to join with, while it is used; only root can read it. */
const KEY = '"$pxrun/tailscale-key"';
const FORWARDING = "/etc/sysctl.d/99-tailscale.conf";

/**
 * Has Tailscale, running, in a tailnet, with these options. A node that has joined already stays in
 * its tailnet and needs no key.
 *
 * @throws {PxrunError} INVALID_RECIPE for a name or network that no node can have.
 */
export function tailscaleStep(wish: Tailscale): Step {
  const { hostname, accept_routes, shields_up } = wish;
  if (hostname !== undefined && !/^[A-Za-z0-9-]+$/.test(hostname)) {
    throw invalid(`provisioning.tailscale: ${JSON.stringify(hostname)} is no name of a node`);
  }
  const routes = wish.advertise_routes.map(canonical);
  const flags = [
    ...hostname === undefined ? [] : [`--hostname=${hostname}`],
    `--accept-routes=${accept_routes}`,
    `--advertise-routes=${routes.join(",")}`,
    `--shields-up=${shields_up}`,
  ];
  const prefs = [
    ...hostname === undefined ? [] : [`"Hostname":"${hostname}"`],
    `"RouteAll":${accept_routes}`,
    `"ShieldsUp":${shields_up}`,
  ];
  return {
    id: "tailscale",
    kind: "tailscale",
    title: "tailscale",
    check: `${HERE}
command -v tailscale >/dev/null 2>&1 && [ "$(field BackendState)" = Running ] || exit 1
prefs=$(tailscale debug prefs 2>/dev/null | tr -d ' \\t\\n')
for want in ${prefs.map(quote).join(" ")}; do
case $prefs in *"$want"*) ;; *) exit 1 ;; esac
done
have=\${prefs#*'"AdvertiseRoutes":['}
[ "$have" != "$prefs" ] || have=]
[ "$(echo "\${have%%]*}" | tr -d '"' | tr , '\\n' | sort)" = "$(printf '%s\\n' ${
      quote(routes.join("\n"))
    } | sort)" ]${routes.length > 0 ? ` && [ -e ${FORWARDING} ]` : ""}`,
    act: `${HERE}
fail() { rm -f ${KEY}; echo "$*" >&2; exit 1; }
[ -e /dev/net/tun ] ||
fail "this container has no /dev/net/tun: as root of its node, pct set its vmid --dev0 /dev/net/tun (or another free dev), and restart it"
${OFFICIAL}
${DISTRO}
${REPAIR}
command -v tailscale >/dev/null 2>&1 ||
official || {
echo "${WARNING}tailscale: its own package cannot be had here: the distribution's is taken instead"
distro
}
${START}
${forward(routes)}
case $state in
Running | Starting) tailscale set ${flags.map(quote).join(" ")} ;;
Stopped) tailscale up --timeout=60s && tailscale set ${flags.map(quote).join(" ")} ;;
*)
[ -s ${KEY} ] ||
fail "this node has not joined a tailnet, and there is no key to join with"
tailscale up --auth-key="file:$pxrun/tailscale-key" --timeout=60s ${flags.map(quote).join(" ")}
esac || {
[ "$(field BackendState)" != NeedsMachineAuth ] ||
fail "the tailnet wants every new node to be approved, and this one's key does not count as approval"
fail "Tailscale is installed and cannot join the tailnet"
}
rm -f ${KEY}
await Running || fail "Tailscale does not come up: it is $(field BackendState)"
name=$(field DNSName)
echo "\${name%.} is up at $(tailscale ip -4 2>/dev/null || tailscale ip 2>/dev/null | head -n 1)"`,
    timeout: 20 * 60_000,
    continueOnError: false,
    tells: true,
    secrets: [],
  };
}

/** The same step with a key to join with. The key is in no argv: `printf` is a builtin. */
export function withJoinKey(step: Step, key: Secret): Step {
  const bytes = new TextEncoder().encode(key.reveal());
  return {
    ...step,
    act: `( umask 077; ${emit(bytes)} >${KEY} ) || exit 1\n${step.act}`,
    secrets: [...step.secrets, key],
  };
}

/** Without the peers every name stands there once: that of the node itself. */
const HERE = `field() {
tailscale status --json --peers=false 2>/dev/null | sed -n 's/^ *"'"$1"'": *"\\(.*\\)",*$/\\1/p' | head -n 1
}`;

/** Starts it, now and at every boot, and waits until it knows whether it has joined. */
const START = `if command -v systemctl >/dev/null 2>&1; then systemctl enable --now tailscaled
elif command -v rc-update >/dev/null 2>&1; then
rc-update add tailscale default
rc-service tailscale start
else service tailscaled start
fi
await() {
end=$(($(date +%s) + 60))
while :; do
state=$(field BackendState)
case " $* " in *" \${state:-none} "*) return ;; esac
[ "$(date +%s)" -lt "$end" ] || return 1
sleep 0.5 2>/dev/null || sleep 1
done
}
await NeedsLogin NeedsMachineAuth Stopped Starting Running || {
journalctl -u tailscaled -n 15 --no-pager >&2 2>/dev/null
fail "tailscaled does not answer"
}`;

/** A container that offers routes has to forward. IPv6 only where it is offered: it ends autoconfiguration. */
function forward(routes: readonly string[]): string {
  if (routes.length === 0) return "";
  const names = [
    "net/ipv4/ip_forward",
    ...routes.some((route) => route.includes(":")) ? ["net/ipv6/conf/all/forwarding"] : [],
  ].join(" ");
  return `mkdir -p /etc/sysctl.d && printf '%s = 1\\n' ${names} >${FORWARDING}
if command -v sysctl >/dev/null 2>&1; then sysctl -q -p ${FORWARDING} >/dev/null
else for name in ${names}; do echo 1 >"/proc/sys/$name" || break; done
fi || echo "forwarding is not switched on: routes will not work until it is" >&2`;
}

/** A network as Tailscale writes it. */
function canonical(route: string): string {
  const [, address = "", bits] = /^([\da-fA-F.:]+)\/(\d{1,3})$/.exec(route) ?? [];
  const url = address.includes(":") ? `http://[${address}]` : `http://${address}`;
  if (!URL.canParse(url)) {
    throw invalid(`provisioning.tailscale: ${JSON.stringify(route)} is no network`);
  }
  return `${new URL(url).hostname.replace(/^\[|\]$/g, "")}/${bits}`;
}
