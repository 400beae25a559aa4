/** Sources of the version. */
export interface VersionSources {
  /** The version in `deno.json`. */
  readonly version: string;
  /** The git tag of the commit; undefined where it has none. */
  readonly tag: string | undefined;
  /** The text of the changelog. */
  readonly changelog: string;
}

/** Every disagreement about the version, as text. */
export function versionProblems({ version, tag, changelog }: VersionSources): string[] {
  const problems: string[] = [];
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) {
    problems.push(`deno.json: ${JSON.stringify(version)} is not a version`);
  }
  if (tag !== undefined && tag !== `v${version}`) {
    problems.push(`the tag is ${tag}, and deno.json has ${version}: it should be v${version}`);
  }
  const headings = [...changelog.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
  const [first = ""] = headings;
  if (first.split(" ")[0] !== version) {
    problems.push(
      `CHANGELOG.md: its first heading is ${JSON.stringify(first)}, and should be of ${version}`,
    );
  }
  return problems;
}

/**
 * The git tag of the commit that is checked out: that of the workflow, or what git has.
 *
 * @param root The directory of the clone.
 */
export async function tagOf(root: string | URL): Promise<string | undefined> {
  if (Deno.env.get("GITHUB_REF_TYPE") === "tag") return Deno.env.get("GITHUB_REF_NAME");
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["describe", "--exact-match", "--tags", "--match", "v*"],
      cwd: root,
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    // A directory without git has no tag.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
