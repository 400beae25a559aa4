/**
 * Why the module cannot be published to JSR; undefined when it can. Nothing is sent.
 *
 * @param root The directory of the clone.
 */
export async function checkModule(root: string): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--quiet"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  return success ? undefined : new TextDecoder().decode(stderr).trim();
}
