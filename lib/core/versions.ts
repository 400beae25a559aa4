/** True if a version is older than another one; only their first two numbers count. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split(".").map(Number);
  return major < otherMajor || major === otherMajor && minor < otherMinor;
}
