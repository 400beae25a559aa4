/**
 * `deno task smoke [PROGRAM [ARGUMENTS]]`: whether pxrun in the form that users get it runs on this
 * machine. PROGRAM is a command that starts pxrun; without one it is this machine's binary in dist/.
 * Prints what was tried, and exits 1 at the first that is not as it should be.
 */
import { join } from "node:path";

const root = join(import.meta.dirname ?? ".", "..");

/** Command that starts pxrun. */
export type Program = readonly [program: string, ...args: string[]];

interface Trial {
  readonly args: readonly string[];
  readonly status: number;
  readonly shows: RegExp;
}

/** Commands that are tried. None of it needs a cluster, a shell or a network. */
function trials(version: string, recipe: string): readonly Trial[] {
  const exactly = new RegExp(`^${version.replaceAll(".", "\\.")}\\r?\\n$`);
  return [
    { args: ["--version"], status: 0, shows: exactly },
    { args: ["--help"], status: 0, shows: /^Usage: pxrun/ },
    { args: ["validate", recipe], status: 0, shows: /1 recipe is valid/ },
    { args: ["validate", "--absent"], status: 2, shows: /--absent/ },
    { args: ["demo"], status: 0, shows: /demo-web/ },
  ];
}

/** The binary of this machine that a release has. */
export function binaryOf(version: string, target: string): string {
  return `pxrun-${version}-${target}${target.includes("windows") ? ".exe" : ""}`;
}

/**
 * Tries a program.
 *
 * @param program How it is started.
 * @param report Takes a line about each trial.
 * @returns What was not as it should be; undefined if all was.
 */
export async function smoke(
  [program, ...first]: Program,
  version: string,
  report: (line: string) => void,
): Promise<string | undefined> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-smoke-" });
  try {
    const recipe = join(directory, "web.yaml");
    await Deno.writeTextFile(recipe, "container: { hostname: web-1, template: debian-13 }\n");
    for (const { args, status, shows } of trials(version, recipe)) {
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args: [...first, ...args],
        // Nothing of the user's own configuration.
        env: { PXRUN_CONFIG: join(directory, "config.yaml"), NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const shown = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
      const command = `pxrun ${args.join(" ")}`;
      if (code !== status || !shows.test(shown)) {
        return `${command}: exit status ${code} instead of ${status}, or not ${shows}:\n${shown}`;
      }
      report(`${command}: exit status ${code}`);
    }
    return undefined;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const binary = join(root, "dist", binaryOf(version, Deno.build.target));
  const [program = binary, ...args] = Deno.args;
  // What comes from another machine as an artifact has lost its mode.
  if (program === binary && Deno.build.os !== "windows") await Deno.chmod(binary, 0o755);
  const wrong = await smoke([program, ...args], version, (line) => console.log(line));
  console.log(wrong ?? `${program} runs`);
  if (wrong !== undefined) Deno.exitCode = 1;
}
