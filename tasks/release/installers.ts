import { HOME, releaseAddress } from "./home.ts";

/** The text of `install.sh` for a release. */
export async function installScript(version: string): Promise<string> {
  const template = await Deno.readTextFile(new URL("install.sh", import.meta.url));
  return template.replaceAll("@VERSION@", version).replaceAll("@RELEASE@", releaseAddress(version));
}

/** Homebrew's words for the machines that a binary runs on. */
const machines = [
  { system: "macos", cpu: "arm", triple: "aarch64-apple-darwin" },
  { system: "macos", cpu: "intel", triple: "x86_64-apple-darwin" },
  { system: "linux", cpu: "arm", triple: "aarch64-unknown-linux-gnu" },
  { system: "linux", cpu: "intel", triple: "x86_64-unknown-linux-gnu" },
] as const;

/**
 * A Homebrew formula for the binaries of a release; undefined where one of them is missing.
 *
 * @param version The version of the release.
 * @param sums Its SHA-256 sums by file name.
 */
export function formula(version: string, sums: ReadonlyMap<string, string>): string | undefined {
  const block = (system: "macos" | "linux"): string[] =>
    machines.filter((one) => one.system === system).flatMap(({ cpu, triple }) => {
      const name = `pxrun-${version}-${triple}`;
      return [
        `    on_${cpu} do`,
        `      url "${releaseAddress(version)}/${name}", using: :nounzip`,
        `      sha256 "${sums.get(name)}"`,
        "    end",
      ];
    });
  if (machines.some(({ triple }) => !sums.has(`pxrun-${version}-${triple}`))) return undefined;
  return [
    "class Pxrun < Formula",
    '  desc "Provisioned and reachable LXC containers on Proxmox VE from YAML recipes"',
    `  homepage "${HOME}"`,
    `  version "${version}"`,
    '  license "MIT"',
    "",
    "  on_macos do",
    ...block("macos"),
    "  end",
    "",
    "  on_linux do",
    ...block("linux"),
    "  end",
    "",
    "  def install",
    '    bin.install Dir["pxrun-*"].first => "pxrun"',
    "  end",
    "",
    "  test do",
    '    assert_equal version.to_s, shell_output("#{bin}/pxrun --version").strip',
    "  end",
    "end",
    "",
  ].join("\n");
}
