/** A real part that some system tests need. */
export interface Part {
  /** The folder below tests/system, and the word in PXRUN_REQUIRE. */
  readonly name: string;
  /** Why it cannot be used here. */
  readonly why: string;
}

interface Requirement {
  readonly name: string;
  /** Programs that must be found, each with the Debian package that brings it. */
  readonly programs: Readonly<Record<string, string>>;
}

/** Every system lane. All need root. */
export const parts: readonly Requirement[] = [
  {
    name: "sshd",
    programs: {
      sshd: "openssh-server",
      ssh: "openssh-client",
      "ssh-keygen": "openssh-client",
      "ssh-agent": "openssh-client",
      unshare: "util-linux",
    },
  },
  {
    name: "shells",
    programs: {
      busybox: "busybox-static",
      dash: "dash",
      bash: "bash",
      unshare: "util-linux",
      "locale-gen": "locales",
    },
  },
  {
    name: "script",
    programs: {
      script: "bsdutils",
      stty: "coreutils",
      bash: "bash",
      "ssh-keygen": "openssh-client",
    },
  },
  {
    name: "sops",
    programs: { sops: "none; go install, see .ci/run", "age-keygen": "age" },
  },
];

async function isThere(program: string): Promise<boolean> {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const found = await Deno.stat(`${folder}/${program}`).then((info) => info.isFile, () => false);
    if (found) return true;
  }
  return false;
}

/** The lanes that cannot run on this machine, each with the reason. */
export async function missingParts(): Promise<Part[]> {
  if (Deno.build.os !== "linux") return parts.map(({ name }) => ({ name, why: "needs Linux" }));
  if (Deno.uid() !== 0) return parts.map(({ name }) => ({ name, why: "needs root" }));
  const missing: Part[] = [];
  for (const { name, programs } of parts) {
    const absent: string[] = [];
    for (const [program, debianPackage] of Object.entries(programs)) {
      if (!await isThere(program)) absent.push(`no ${program} (Debian: ${debianPackage})`);
    }
    if (absent.length > 0) missing.push({ name, why: absent.join(", ") });
  }
  return missing;
}
