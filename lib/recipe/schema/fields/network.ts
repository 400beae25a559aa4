import { nearest } from "../../../core/nearest.ts";
import { familyOf, isReserved, parseCidr } from "./address.ts";
import { type Kind, orReference, Refused } from "./field.ts";
import { texts } from "./texts.ts";

/** An address with its prefix, or one of a few words (`dhcp`). */
export function interfaceAddress(family: 4 | 6, words: readonly string[]): Kind<string> {
  const example = family === 4 ? "192.168.1.10/24" : "2001:db8::10/64";
  const must = `must be ${
    words.join(", ")
  } or an IPv${family} address with its prefix, such as ${example}`;
  // An editor sees at least that the prefix is missing.
  const pattern = orReference(`^(${words.join("|")}|[0-9A-Fa-f:.]+/[0-9]{1,3})$`);
  return texts({ type: "string", pattern, examples: [...words, example] }, (value) => {
    if (words.includes(value)) return value;
    if (familyOf(value) === family) {
      const meant = `${value}/${family === 4 ? 24 : 64}`;
      return new Refused("must have the length of its network's prefix", { meant });
    }
    const cidr = parseCidr(value);
    if (cidr?.address.kind() !== `ipv${family}`) {
      return new Refused(must, { meant: nearest(value, words) });
    }
    // Proxmox takes no shorter prefix.
    if (cidr.prefix < 8) return new Refused("must have a prefix of at least 8");
    return isReserved(cidr)
      ? new Refused("must be the address of a host, not the first or last of its network")
      : value;
  });
}

/** One address of a family. */
export function address(family: 4 | 6): Kind<string> {
  const pattern = orReference(family === 4 ? "^[0-9.]+$" : "^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$");
  return texts({ type: "string", pattern }, (value) => {
    if (familyOf(value) === family) return value;
    const withoutPrefix = value.replace(/\/.*$/, "");
    return familyOf(withoutPrefix) === family
      ? new Refused("must be an address without a prefix", { meant: withoutPrefix })
      : new Refused(`must be an IPv${family} address`);
  });
}

/** A network, such as a route. */
export function network(): Kind<string> {
  return texts(
    {
      type: "string",
      pattern: orReference("^[0-9A-Fa-f:.]+/[0-9]{1,3}$"),
      examples: ["10.0.0.0/24"],
    },
    (value) =>
      parseCidr(value) !== undefined
        ? value
        : new Refused("must be a network such as 10.0.0.0/24 or 2001:db8::/48"),
  );
}

/** The hardware address of one interface. */
export function mac(): Kind<string> {
  const pattern = orReference("^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$");
  return texts({ type: "string", pattern, examples: ["BC:24:11:00:00:01"] }, (value) => {
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)) {
      return new Refused("must be a hardware address such as BC:24:11:00:00:01");
    }
    return Number.parseInt(value.slice(0, 2), 16) % 2 === 0
      ? value.toUpperCase()
      : new Refused("must be the address of one interface: its second digit is even");
  });
}

/** Several words in one text, separated by spaces, commas or semicolons; Proxmox gets spaces. */
export function wordList(isWord: (word: string) => boolean, must: string): Kind<string> {
  return texts({ type: "string", minLength: 1 }, (value) => {
    const words = value.split(/[\s,;]+/).filter((word) => word !== "");
    return words.length > 0 && words.every(isWord) ? words.join(" ") : new Refused(must);
  });
}
