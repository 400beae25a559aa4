import { type Kind, orReference, Refused } from "./field.ts";
import { hasControls, texts } from "./texts.ts";

/** A key within its line: options may come before its type, a comment behind its data. */
const KEY =
  /(?:^|[ \t])(ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)(?:[ \t]+(\S+)|$)/;

/** A public key itself, the path of a local file that holds one, or the address of a list of them. */
export function publicKey(): Kind<string> {
  const pattern = orReference("(ssh|ecdsa)-|[.]pub\\s*$|^\\s*[Hh][Tt][Tt][Pp][Ss]://");
  return texts({ type: "string", minLength: 1, pattern }, (value) => {
    const key = value.trim();
    if (key === "" || hasControls(key)) {
      return new Refused(
        "must be one public key, the path of a local .pub file, or an https:// address",
      );
    }
    const [, type, body = ""] = KEY.exec(key) ?? [];
    if (type !== undefined) {
      return holdsType(body, type)
        ? key
        : new Refused(`must be a whole public key: what follows ${type} is not one`);
    }
    return /^https?:/i.test(key) ? readUrl(key) : readPath(key);
  });
}

/** The server at the address decides who may log in, so only HTTPS tells that it is the right one. */
function readUrl(address: string): string | Refused {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || /\s/.test(address)) {
    return new Refused("must be an address such as https://github.com/NAME.keys");
  }
  if (url.username !== "" || url.password !== "") {
    return new Refused("must be an address without a password");
  }
  if (url.protocol === "https:") return address.replace(/^https:/i, "https:");
  return new Refused("must be an address with https://", {
    meant: address.replace(/^http:/i, "https:"),
  });
}

function readPath(path: string): string | Refused {
  const isPath = !/\s/.test(path);
  if (isPath && path.endsWith(".pub")) return path;
  // The private key's file lies beside the public one, and must not be sent anywhere.
  return isPath && /^(~|\.{1,2})?\//.test(path)
    ? new Refused("must be the path of a public key file", { meant: `${path}.pub` })
    : new Refused("must be a public key such as ssh-ed25519 AAAA…, or the path of a .pub file");
}

/** The type stands in the key's data again, after its length. */
function holdsType(body: string, type: string): boolean {
  try {
    return atob(body).slice(4, 4 + type.length) === type && body.length > 64;
  } catch {
    return false;
  }
}
