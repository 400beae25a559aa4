import { BlockList, isIP } from "node:net";
import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Env } from "../../core/platform.ts";

/** A proxy that leads to an address when it is asked to CONNECT. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** True if TLS is spoken with the proxy itself. */
  readonly tls: boolean;
  /** The value of Proxy-Authorization, from the credentials in the URL. */
  readonly authorization?: Secret;
}

/** Address to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * The proxy that the environment names for an address: `HTTPS_PROXY`, unless
 * `NO_PROXY` exempts it. This machine itself is never reached by a proxy.
 *
 * @throws {PxrunError} USAGE when the variable holds no URL of a proxy.
 */
export function proxyFor(env: Env, target: Target): Proxy | undefined {
  const [name, text] = variable(env, "HTTPS_PROXY");
  if (text === "") return undefined;
  if (isLoopback(target.host) || isExempt(variable(env, "NO_PROXY")[1], target)) return undefined;
  return parseProxy(name, text);
}

/** Both spellings are in use. */
function variable(env: Env, name: string): [name: string, value: string] {
  const lower = name.toLowerCase();
  return env[name] ? [name, env[name].trim()] : [lower, env[lower]?.trim() ?? ""];
}

function parseProxy(name: string, text: string): Proxy {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    // The value itself may hold a password.
    throw new PxrunError("USAGE", `${name} is not the address of an HTTP proxy`, {
      hint: "it looks like http://proxy.example:3128; NO_PROXY=host exempts a host",
    });
  }
  const tls = url.protocol === "https:";
  const credentials = `${decode(url.username)}:${decode(url.password)}`;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (tls ? 443 : 80) : Number(url.port),
    tls,
    ...(credentials !== ":" && { authorization: new Secret(`Basic ${base64(credentials)}`) }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost)$/i.test(host) || inSubnet(host, "127.0.0.0", 8) ||
    host === "::1";
}

/** `*`, hosts, `.suffix` or `suffix` with all below it, addresses, networks; each may have a port. */
function isExempt(list: string, { host, port }: Target): boolean {
  const name = host.toLowerCase();
  return list.toLowerCase().split(/[\s,]+/).filter((entry) => entry !== "").some((entry) => {
    if (entry === "*") return true;
    const [, network, bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
    if (network !== undefined) return inSubnet(name, network, Number(bits));
    const [, bracketed, plain, only] = /^(?:\[(.+)\]|([^[\]:]+))(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && Number(only) !== port) return false;
    const domain = (bracketed ?? plain ?? entry).replace(/^\*?\./, "");
    return name === domain || (isIP(name) === 0 && name.endsWith(`.${domain}`));
  });
}

function inSubnet(address: string, network: string, bits: number): boolean {
  const family = isIP(address);
  if (family === 0 || isIP(network) !== family || bits > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(address, type);
}
