import { quote } from "../../core/argv.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import type { HostFacts, HostPath } from "../../plan/host_checks.ts";

/** The paths of the node that a recipe names: directories and devices. */
export function hostPaths({ container }: Recipe): string[] {
  const directories = container.mount_points.flatMap((mount) =>
    "host" in mount ? [mount.host] : []
  );
  return [...new Set([...directories, ...container.devices.map(({ path }) => path)])];
}

/** Looks at paths of a node, all in one command. Changes nothing. */
export async function readHostFacts(
  ssh: SshTransport,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<HostFacts> {
  if (paths.length === 0) return new Map();
  const { stdout } = await ssh.exec("sh -s", { stdin: script(paths), signal });
  const lines = new TextDecoder().decode(stdout).split("\n");
  return new Map(paths.map((path, index) => [path, readPath(lines[index] ?? "")]));
}

/** One line for each path. A directory that cannot be searched hides what is in it. */
function script(paths: readonly string[]): string {
  return `look() {
stat -L -c '%u %g %F' -- "$1" 2>/dev/null && return
up=$1
while [ ! -d "$up" ]; do up=\${up%/*}; [ -n "$up" ] || up=/; done
if [ -x "$up" ]; then echo "missing $up"; else echo hidden; fi
}
${paths.map((path) => `look ${quote(path)}\n`).join("")}`;
}

function readPath(line: string): HostPath {
  const [, uid, gid, type = ""] = /^(\d+) (\d+) (.+)$/.exec(line) ?? [];
  if (uid === undefined) {
    const [, below] = /^missing (.*)$/.exec(line) ?? [];
    return below === undefined ? { kind: "hidden" } : { kind: "missing", below };
  }
  const kind = type === "directory"
    ? "directory"
    : type.startsWith("regular")
    ? "file"
    : type.startsWith("character")
    ? "character"
    : type.startsWith("block")
    ? "block"
    : "other";
  return { kind, uid: Number(uid), gid: Number(gid) };
}
