import { nearest } from "../../../core/nearest.ts";
import { type Kind, orReference, Refused } from "./field.ts";
import { matching, texts } from "./texts.ts";

const LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const DNS_NAME = `^(${LABEL}\\.)*${LABEL}$`;
/** A hostname as it may stand in a recipe for several containers. */
const NUMBERED_NAME = DNS_NAME.replaceAll(/\[(a-zA-Z0-9-?)\]/g, "([$1]|\\{n\\})");
const STORAGE = "[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]";

/** True if a word is a DNS name. */
export function isDnsName(word: string): boolean {
  return word.length <= 255 && new RegExp(DNS_NAME).test(word);
}

/** The name of a container. */
export function hostname(): Kind<string> {
  const must = "must be letters, digits and hyphens, in parts of at most 63 that dots separate";
  return texts({ type: "string", pattern: orReference(NUMBERED_NAME), maxLength: 255 }, (value) => {
    if (/^[0-9]+$/.test(value)) {
      return new Refused("must have a letter, for a name of digits alone is always read as a vmid");
    }
    if (isDnsName(value)) return value;
    if (isDnsName(value.replaceAll("{n}", "1"))) {
      return new Refused("must be a name: {n} is the number that `create --count N` gives");
    }
    const meant = value.replaceAll(/[_\s]+/g, "-");
    return new Refused(must, { meant: meant !== value && isDnsName(meant) ? meant : undefined });
  });
}

/** One part of a DNS name. */
export function dnsLabel(): Kind<string> {
  return matching(`^${LABEL}$`, "letters, digits and hyphens, at most 63 of them");
}

/** A node of the cluster. */
export function nodeName(): Kind<string> {
  return matching(`^${LABEL}$`, "the name of a node: letters, digits and hyphens");
}

/** A storage of the cluster. */
export function storageName(): Kind<string> {
  return texts({ type: "string", pattern: orReference(`^${STORAGE}$`) }, (value) => {
    if (new RegExp(`^${STORAGE}$`).test(value)) return value;
    const [storage, rest] = value.split(":", 2);
    return rest === undefined
      ? new Refused("must be the name of a storage, such as local-lvm")
      : new Refused("must be the name of a storage alone; its size has a key of its own", {
        meant: storage,
      });
  });
}

/** A resource pool; up to three levels, separated by slashes. */
export function poolName(): Kind<string> {
  const part = "[A-Za-z0-9._-]+";
  return matching(
    `^(?!(.*/)?[.]{1,2}(/|$))${part}(/${part}){0,2}$`,
    "the name of a pool: letters, digits, . _ and -",
  );
}

/** A network interface or bridge, as Linux names it. */
export function interfaceName(): Kind<string> {
  return matching("^[A-Za-z0-9_.-]{1,15}$", "a name of at most 15 letters, digits, . _ and -");
}

/** An alias, a file name, or a volid of a template. */
export function templateName(): Kind<string> {
  return matching(
    "^[A-Za-z0-9][A-Za-z0-9._+~:/-]*$",
    "an alias (debian-13), a file name or a volid of a template",
  );
}

/** A tag, as Proxmox takes it: the datacenter's tag style says whether it keeps its capitals. */
export function tag(): Kind<string> {
  return matching("^[A-Za-z0-9_][A-Za-z0-9_.+-]*$", "letters, digits, _ . + and -", 124);
}

/** The volid of a snippet. */
export function snippet(): Kind<string> {
  return matching(
    `^${STORAGE}:snippets/[^/\\s,]+$`,
    "the volid of a snippet, such as local:snippets/hook.pl",
  );
}

/** Order and delays of start and shutdown. */
export function startup(): Kind<string> {
  return matching(
    "^((order=)?[0-9]+|up=[0-9]+|down=[0-9]+)(,((order=)?[0-9]+|up=[0-9]+|down=[0-9]+)){0,2}$",
    "order, up and down with numbers, such as order=1,up=10,down=5",
  );
}

/** A user or group of the container. */
export function accountName(): Kind<string> {
  return matching(
    "^[A-Za-z_][A-Za-z0-9_.-]{0,30}[$]?$",
    "a user or group name: letters, digits, _ . and -, at most 32",
  );
}

/** A user that can run something: the account of a machine (`name$`) cannot. */
export function loginName(): Kind<string> {
  return matching(
    "^[A-Za-z_][A-Za-z0-9_.-]{0,31}$",
    "the name of a user: letters, digits, _ . and -, at most 32",
  );
}

/** `user` or `user:group`, by name or number. */
export function owner(): Kind<string> {
  const account = "([A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10})";
  return matching(`^${account}(:${account})?$`, "user or user:group, such as www-data:www-data");
}

/** A package, as the container's own package manager names it. */
export function packageName(): Kind<string> {
  return matching(
    "^[A-Za-z0-9@][A-Za-z0-9@+._:~=/-]*$",
    "the name of one package, without spaces",
  );
}

/** A program that runs a script, with its own arguments. */
export function program(): Kind<string> {
  return matching(
    "^/?[A-Za-z0-9][A-Za-z0-9._+/-]*( +[!-~]+)*$",
    "a program such as sh, python3 or bash -eu",
  );
}

/** A locale, in the spellings that `locale -a`, editors and browsers have, too. */
export function locale(): Kind<string> {
  const kind = matching(
    "^(C|POSIX|[A-Za-z]{2,3}([_-][A-Za-z]{2})?)([.][A-Za-z0-9-]+)?(@[a-z]+)?$",
    "a locale such as en_US.UTF-8",
  );
  return {
    ...kind,
    read: (text) => {
      const value = kind.read(text);
      return typeof value === "string" ? spelledLocale(value) : value;
    },
  };
}

/** As distributions spell it: `en_US.utf8` and `en-us.UTF8` are `en_US.UTF-8`. */
function spelledLocale(text: string): string {
  const [, name = "", encoding, variant = ""] = /^([^.@]+)(?:\.([^@]+))?(@.+)?$/.exec(text) ?? [];
  const [language = "", country] = name.split(/[_-]/);
  const place = country === undefined ? name : `${language.toLowerCase()}_${country.toUpperCase()}`;
  return place + (encoding === undefined ? "" : `.${spelledEncoding(encoding)}`) + variant;
}

function spelledEncoding(encoding: string): string {
  const plain = encoding.replaceAll("-", "").toUpperCase();
  if (plain === "UTF8") return "UTF-8";
  return plain.replace(/^ISO8859(\d+)$/, "ISO-8859-$1").replace(/^(?!ISO-).*$/, encoding);
}

/** A time zone. */
export function timezone(): Kind<string> {
  const kind = matching(
    "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$",
    "a time zone such as Europe/Berlin, or host",
  );
  return {
    ...kind,
    read: (text) => {
      const value = kind.read(text);
      if (typeof value !== "string" || value === "host" || isTimeZone(value)) return value;
      return new Refused("must be a time zone such as Europe/Berlin, or host", {
        meant: nearest(value, ["UTC", ...Intl.supportedValuesOf("timeZone")]),
      });
    },
  };
}

/** True if there is such a zone. Intl takes them in any case; the files of a system do not. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    if (timeZone.toLowerCase() === name.toLowerCase()) return timeZone === name;
    // An older name of that zone.
    return !/(?:^|\/)[a-z]/.test(name);
  } catch {
    return false;
  }
}
