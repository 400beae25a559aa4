import { notHere } from "../not_here.ts";

/** Distributions that share their package manager and their habits. */
export type Family = "debian" | "alpine";

/** Contents of a template. */
export interface Distro {
  readonly family: Family;
  /** `ID` of os-release. */
  readonly id: string;
  /** `VERSION_ID`. */
  readonly version: string;
  readonly name: string;
  readonly codename: string;
  /** Host that the package manager asks. */
  readonly mirror: string;
}

const CODENAMES: Readonly<Record<string, string>> = {
  "debian 11": "bullseye",
  "debian 12": "bookworm",
  "debian 13": "trixie",
  "ubuntu 22.04": "jammy",
  "ubuntu 24.04": "noble",
};

type Kind = Pick<Distro, "family" | "id" | "name" | "mirror">;

const KINDS: Readonly<Record<string, Kind>> = {
  alpine: {
    family: "alpine",
    id: "alpine",
    name: "Alpine Linux",
    mirror: "dl-cdn.alpinelinux.org",
  },
  debian: {
    family: "debian",
    id: "debian",
    name: "Debian GNU/Linux",
    mirror: "deb.debian.org",
  },
  ubuntu: { family: "debian", id: "ubuntu", name: "Ubuntu", mirror: "archive.ubuntu.com" },
};

/**
 * The distribution that a template's file name stands for.
 *
 * @throws {Error} When the simulator has none of that name.
 */
export function distroOf(template: string): Distro {
  const [, id = "", version = ""] = /^([a-z]+)-(\d+(?:\.\d+)?)/.exec(template) ?? [];
  const kind = KINDS[id];
  if (kind === undefined) throw new Error(notHere(template));
  return { ...kind, version, codename: CODENAMES[`${id} ${version}`] ?? "" };
}

/** /etc/os-release. */
export function osRelease({ id, name, version, codename }: Distro): string {
  const full = codename === "" ? version : `${version} (${codename})`;
  const fields = {
    PRETTY_NAME: `"${name} ${full}"`,
    NAME: `"${name}"`,
    VERSION_ID: `"${version}"`,
    VERSION: `"${full}"`,
    ...codename === "" ? {} : { VERSION_CODENAME: codename },
    ID: id,
    ...id === "ubuntu" ? { ID_LIKE: "debian" } : {},
    HOME_URL: `"https://www.example/"`,
    SUPPORT_URL: `"https://www.example/support"`,
    BUG_REPORT_URL: `"https://bugs.example/"`,
  };
  return Object.entries(fields).map(([key, value]) => `${key}=${value}\n`).join("");
}
