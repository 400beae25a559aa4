/** The repository that releases are published from: `OWNER/NAME`. */
export const REPOSITORY: string = Deno.env.get("GITHUB_REPOSITORY") || "pxrun/pxrun";

/** The address of the project. */
export const HOME = `https://github.com/${REPOSITORY}`;

/**
 * The address of the files of a release.
 *
 * @param version Its version.
 */
export function releaseAddress(version: string): string {
  return `${HOME}/releases/download/v${version}`;
}
