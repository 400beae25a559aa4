import type { Step } from "../step.ts";
import { invalid } from "./values.ts";
import { installFor, REPAIR } from "./package_managers.ts";

/**
 * Sets the time zone: the link /etc/localtime, and /etc/timezone where a distribution has that file.
 *
 * @param zone As in /usr/share/zoneinfo: `Europe/Berlin`.
 * @throws {PxrunError} INVALID_RECIPE for what cannot be the name of a time zone.
 */
export function timezoneStep(zone: string): Step {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+){0,2}$/.test(zone)) {
    throw invalid(`provisioning.timezone: ${JSON.stringify(zone)} is not the name of a time zone`);
  }
  return {
    id: "timezone",
    kind: "timezone",
    title: `time zone ${zone}`,
    check: `zone=${zone}
[ -f "/usr/share/zoneinfo/$zone" ] || exit 1
case $(readlink /etc/localtime) in
/usr/share/zoneinfo/"$zone" | ../usr/share/zoneinfo/"$zone") ;;
*) exit 1 ;;
esac
[ ! -e /etc/timezone ] || [ "$(cat /etc/timezone)" = "$zone" ]`,
    act: `zone=${zone}
if [ ! -f "/usr/share/zoneinfo/$zone" ]; then
${REPAIR}
fi
if [ ! -d /usr/share/zoneinfo ]; then
${installFor((manager) => manager === "zypper" ? "timezone" : "tzdata")}
fi
if [ ! -f "/usr/share/zoneinfo/$zone" ]; then
echo "no time zone $zone in this container: see /usr/share/zoneinfo (on Debian and Ubuntu, older names are in the package tzdata-legacy)" >&2
exit 1
fi
ln -s "/usr/share/zoneinfo/$zone" /etc/.pxrun.localtime && mv -f /etc/.pxrun.localtime /etc/localtime || {
rm -f /etc/.pxrun.localtime
exit 1
}
[ ! -e /etc/timezone ] || echo "$zone" >/etc/timezone`,
    timeout: 10 * 60_000,
    continueOnError: false,
    secrets: [],
  };
}
