/** Gives a script to the local sh on standard input. */
export async function sh(script: string, ...flags: string[]): Promise<Deno.CommandOutput> {
  const child = new Deno.Command("sh", {
    args: [...flags, "-s"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  return await child.output();
}
