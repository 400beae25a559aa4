const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$|\/)|(?=$|\/))){4}$/;
const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const DNS_NAME = new RegExp(`^(?:${LABEL}\\.)*${LABEL}$`);

type Format = (value: string) => string | undefined;

/** A format that is one pattern. */
function pattern(pattern: RegExp, error: string | ((value: string) => string)): Format {
  return (value) =>
    pattern.test(value) ? undefined : typeof error === "string" ? error : error(value);
}

function id(kind: string): Format {
  return (value) => {
    if (value.length < 2) return `${kind} ID '${value}' cannot be shorter than 2 characters`;
    return /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(value)
      ? undefined
      : `${kind} ID '${value}' contains illegal characters`;
  };
}

function isIPv6(value: string): boolean {
  return value.includes(":") && URL.canParse(`http://[${value}]/`);
}

function isCidr(value: string, version: 4 | 6): boolean {
  const [address = "", prefix = ""] = value.split("/");
  const bits = Number(prefix);
  return /^\d+$/.test(prefix) && bits > 7 &&
    (version === 4 ? IPV4.test(address) && bits <= 32 : isIPv6(address) && bits <= 128);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Named formats: what is wrong with a value, in the words of Proxmox. */
export const FORMATS: Readonly<Record<string, Format>> = {
  "pve-vmid": pattern(/^[1-9]\d{2,8}$/, "value does not look like a valid VM ID"),
  "pve-node": pattern(new RegExp(`^${LABEL}$`), "value does not look like a valid node name"),
  "pve-storage-id": id("storage"),
  "pve-configid": pattern(/^[a-z][\w-]+$/i, (value) => `invalid configuration ID '${value}'`),
  "pve-poolid": pattern(
    /^[\w.-]+(\/[\w.-]+){0,2}$/,
    (value) => `value '${value}' contains invalid characters`,
  ),
  "pve-volume-id": pattern(
    /^[a-z][\w.-]*[a-z0-9]:.+$/i,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  "pve-tag": pattern(/^[a-z0-9_][a-z0-9_\-+.]*$/i, "invalid characters in tag"),
  "pve-userid": pattern(
    /^[^\s:/]+@[A-Za-z][\w.-]+$/,
    (value) => `value '${value}' does not look like a valid user name`,
  ),
  "dns-name": pattern(DNS_NAME, "value does not look like a valid DNS name"),
  "ipv4": pattern(IPV4, "value does not look like a valid IPv4 address"),
  "ipv6": (value) => isIPv6(value) ? undefined : "value does not look like a valid IPv6 address",
  "ip": (value) =>
    IPV4.test(value) || isIPv6(value.replace(/%\w+$/, ""))
      ? undefined
      : "value does not look like a valid IP address",
  "pve-ipv4-config": (value) =>
    /^(dhcp|manual)$/.test(value) || isCidr(value, 4)
      ? undefined
      : "value does not look like a valid ipv4 network configuration",
  "pve-ipv6-config": (value) =>
    /^(auto|dhcp|manual)$/.test(value) || isCidr(value, 6)
      ? undefined
      : "value does not look like a valid ipv6 network configuration",
  "mac-addr": pattern(
    /^[a-f0-9][02468ace](:[a-f0-9]{2}){5}$/i,
    "value does not look like a valid unicast MAC address",
  ),
  "device": pattern(/^\/dev\/.+$/, (value) => `${value} is not a valid device path`),
  "mount-path": pattern(
    /^(?!.*(?:^|\/)\.\.?(?:\/|$))/,
    (value) => `${value} contains illegal character sequences`,
  ),
  "startup": pattern(
    /^((order=)?\d+|up=\d+|down=\d+)(,((order=)?\d+|up=\d+|down=\d+))*$/,
    "unable to parse startup options",
  ),
  "timezone": (value) =>
    value === "host" || isTimeZone(value) ? undefined : `invalid time zone '${value}'`,
};
