/** `deno task ok [--no-tests]`: the one gate. Runs every check, then says which failed. */
const checks: readonly (readonly [name: string, ...args: string[]])[] = [
  ["fmt", "fmt", "--check"],
  ["lint", "lint"],
  ["check", "check", "."],
  ["layers", "run", "-A", "tasks/check_layers.ts"],
  ["words", "run", "-A", "tasks/check_words.ts"],
  ["alone", "run", "-A", "tasks/check_alone.ts"],
  ["docs", "run", "-A", "tasks/check_docs.ts"],
  ["schema", "run", "-A", "tasks/make_schema.ts", "--check"],
  ["tests", "run", "-A", "tasks/test.ts"],
];

const failed: string[] = [];
const withTests = !Deno.args.includes("--no-tests");
for (const [name, ...args] of checks.filter(([name]) => withTests || name !== "tests")) {
  console.log(`— ${name}`);
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("..", import.meta.url),
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  if (!(await command.spawn().status).success) failed.push(name);
}
console.log(failed.length === 0 ? "ok" : `failed: ${failed.join(", ")}`);
Deno.exitCode = failed.length === 0 ? 0 : 1;
