/**
 * Writes a program that can be run at once. It is another process that writes it: what a thread of
 * this one starts just then would have the file open for writing, too, until it has begun, and so
 * long the system runs no program of that file ("Text file busy").
 */
export async function writeProgram(path: string, text: string, mode = 0o755): Promise<void> {
  const child = new Deno.Command("sh", {
    args: ["-c", 'cat >"$1" && chmod "$2" "$1"', "sh", path, mode.toString(8)],
    stdin: "piped",
    stderr: "inherit",
  }).spawn();
  await new Blob([text]).stream().pipeTo(child.stdin);
  const { success } = await child.status;
  if (!success) throw new Error(`${path} cannot be written`);
}
