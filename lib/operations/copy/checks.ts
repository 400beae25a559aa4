import { PxrunError } from "../../core/errors.ts";
import { basename } from "node:path";

/** Refuses a path of this machine that is empty: it would be the directory that the user is in. */
export function checkPath(path: string): void {
  if (path !== "") return;
  throw new PxrunError("USAGE", "a path of this machine is empty", {
    hint: "is a variable not set? the directory that you are in is .",
  });
}

/** Refuses a path in a container that is relative: there is nothing that it is relative to. */
export function checkGuestPath(path: string): void {
  if (path.startsWith("/")) return;
  throw new PxrunError("USAGE", `not an absolute path: ${path}`, {
    hint: "a path in a container begins with /",
  });
}

/** Refuses an invalid mode. */
export function checkMode(mode: string | undefined): void {
  if (mode === undefined || /^[0-7]{3,4}$/.test(mode)) return;
  throw new PxrunError("USAGE", `${JSON.stringify(mode)} is not a mode`, {
    hint: "write it in octal: 0644",
  });
}

/** Refuses an invalid owner. An archive has room for 31 characters of each name. */
export function checkOwner(owner: string | undefined): void {
  if (owner === undefined || /^[\w.][\w.@-]{0,30}(:[\w.][\w.@-]{0,30})?$/.test(owner)) return;
  throw new PxrunError("USAGE", `${JSON.stringify(owner)} is not an owner`, {
    hint: "write user or user:group, as names or numbers",
  });
}

/** The last name of a path; `.` for what is in a directory. */
export function nameOf(given: string, path: string): string {
  return /(^|[\\/])\.\.?[\\/]*$/.test(given) ? "." : basename(path) || ".";
}
