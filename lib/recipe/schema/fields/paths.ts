import { type Kind, orReference, Refused } from "./field.ts";
import { hasControls, texts } from "./texts.ts";

/** Without `.` and `..`. */
const ABSOLUTE = "^/(?!(.*/)?[.]{1,2}(/|$))";

/** An absolute path; double and trailing slashes are dropped. */
export function absolutePath(): Kind<string> {
  return texts({ type: "string", pattern: orReference(ABSOLUTE) }, (value) => {
    if (!value.startsWith("/")) return new Refused("must be an absolute path, such as /srv/data");
    if (/(^|\/)\.\.?(\/|$)/.test(value)) return new Refused("must be a path without . and ..");
    if (value.length > 4096 || hasControls(value)) {
      return new Refused("must be one line of at most 4096 characters");
    }
    return tidyPath(value);
  });
}

/** A path without double and trailing slashes. */
export function tidyPath(path: string): string {
  return path.replaceAll(/\/{2,}/g, "/").replace(/(.)\/$/, "$1");
}

/** An absolute path below the root directory. */
export function pathBelowRoot(): Kind<string> {
  return refine(absolutePath(), (path) => path === "/" ? "must be a path below /" : undefined);
}

/** A path that goes into one of Proxmox's comma separated properties. */
export function mountPath(): Kind<string> {
  return refine(
    pathBelowRoot(),
    (path) =>
      /[,=;]/.test(path)
        ? "must be a path without commas, semicolons and equals signs, which Proxmox cannot take"
        : undefined,
  );
}

/** A path that /etc/passwd can hold. */
export function accountPath(): Kind<string> {
  return refine(
    pathBelowRoot(),
    (path) =>
      path.includes(":") ? "must be a path without colons, as /etc/passwd has it" : undefined,
  );
}

/** A device node of the host. */
export function devicePath(): Kind<string> {
  const kind = mountPath();
  return refine(
    {
      ...kind,
      keywords: { ...kind.keywords, pattern: orReference(`^(?=/+dev/)${ABSOLUTE.slice(1)}`) },
    },
    (path) => path.startsWith("/dev/") ? undefined : "must be a device node below /dev",
  );
}

/** A file of this machine, relative to the recipe, absolute, or in the home directory. */
export function localPath(): Kind<string> {
  return texts({ type: "string", minLength: 1 }, (value) => {
    if (value.trim() === "" || value.endsWith("/")) return new Refused("must name a file");
    if (value.length > 4096 || hasControls(value)) return new Refused("must be one line of text");
    return value;
  });
}

/** Permissions as octal digits; `digits` says which first digits are allowed. */
export function mode(special: boolean): Kind<string> {
  const example = special ? '"0644"' : '"0660"';
  return texts({
    type: ["string", "integer"],
    pattern: orReference(special ? "^(0o?)?[0-7]{3,4}$" : "^(0o?)?[0-7]{3}$"),
  }, (value) => {
    // Fewer digits say something else than what was meant: a mode of 4 is that of others.
    const digits = value.replace(/^0o/, "").replace(/^(?=...$)/, "0");
    if (!/^[0-7]{4}$/.test(digits)) return new Refused(`must be octal digits such as ${example}`);
    return special || digits.startsWith("0")
      ? digits
      : new Refused(`must be octal digits without special bits, such as ${example}`);
  });
}

function refine(kind: Kind<string>, refuse: (path: string) => string | undefined): Kind<string> {
  return {
    ...kind,
    read: (text) => {
      const path = kind.read(text);
      const must = path instanceof Refused ? undefined : refuse(path);
      return must === undefined ? path : new Refused(must);
    },
  };
}
