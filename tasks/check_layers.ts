/**
 * Holds the code to the import rules of the house:
 * `deno task check:layers`. Prints every breach, exits 1 when there is one.
 */
import { dirname, join, normalize, relative } from "node:path";

/**
 * The rooms of lib from the lowest up, each with what it may import besides itself and the rooms
 * below it in its own directory. The longest name that fits a file is its room.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  "core": [],
  "recipe/schema": ["core"],
  "recipe/read": ["core", "recipe/schema"],
  "recipe/write": ["core", "recipe/schema", "recipe/read"],
  "recipe": ["core", "recipe/schema", "recipe/read", "recipe/write"],
  "secrets": ["core"],
  "config": ["core", "secrets"],
  "proxmox/http": ["core"],
  "proxmox/api": ["core", "proxmox/http"],
  "proxmox/api/changes": ["core", "proxmox/http", "proxmox/api"],
  "proxmox": ["core", "proxmox/http", "proxmox/api"],
  "ssh/trust": ["core"],
  "ssh/auth": ["core", "ssh/trust"],
  "ssh/client": ["core", "ssh/trust", "ssh/auth"],
  "ssh/route": ["core", "ssh/trust", "ssh/auth", "ssh/client"],
  "guest": ["core", "ssh"],
  "tailscale": ["core"],
  "cluster": ["core", "recipe", "secrets", "config", "proxmox", "ssh", "guest", "tailscale"],
  "run": ["core", "proxmox", "cluster"],
  "provision": ["core", "recipe", "proxmox", "ssh", "guest", "cluster", "run"],
  "actions": [
    "core",
    "recipe",
    "proxmox",
    "ssh",
    "guest",
    "tailscale",
    "cluster",
    "run",
    "provision",
  ],
  "plan": ["core", "recipe", "proxmox", "tailscale", "cluster", "run", "provision", "actions"],
  "operations": [
    "core",
    "recipe",
    "secrets",
    "config",
    "proxmox",
    "ssh",
    "guest",
    "tailscale",
    "cluster",
    "run",
    "provision",
    "actions",
    "plan",
  ],
  "doctor": [
    "core",
    "recipe",
    "secrets",
    "config",
    "proxmox",
    "ssh",
    "guest",
    "tailscale",
    "cluster",
    "run",
    "plan",
    "operations",
  ],
  "setup": [
    "core",
    "config",
    "secrets",
    "proxmox",
    "ssh",
    "guest",
    "cluster",
    "run",
    "actions",
    "plan",
    "operations",
  ],
  "render": [
    "core",
    "recipe",
    "proxmox",
    "tailscale",
    "cluster",
    "run",
    "provision",
    "actions",
    "plan",
    "operations",
    "doctor",
    "setup",
  ],
  "cli": [
    "core",
    "recipe",
    "secrets",
    "config",
    "proxmox",
    "ssh",
    "guest",
    "tailscale",
    "cluster",
    "run",
    "provision",
    "actions",
    "plan",
    "operations",
    "doctor",
    "setup",
    "render",
  ],
  "host": ["core"],
};

/**
 * Rooms that only one other may import: calls that change a container which exists are made
 * where it is compared first.
 */
const doors: Readonly<Record<string, string>> = {
  "proxmox/api/changes": "cluster/changes",
};
/** The only one that reaches the simulator, by dynamic import. */
const simulatorDoor = "lib/cli/commands/simulated/";
/** The part of lib that the simulator may import. */
const simulatorImports = "lib/core/";
/** The lowest room of all, open to every other: one file per npm package, which alone names it. */
const deps = "deps/";
/** A package, or an address to take one from; not Deno's own, nor this project in its examples. */
const packageName = /^(?!node:|@pxrun\/pxrun(?:\/|$))@?[a-z]/;
const denoDirectories = ["host"];
const importPattern =
  /(?:^|[^.\w])(?:import|export)\s+(?:type\s+)?(?:[\w*{][^;"']*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

interface Import {
  /** The file, from the root of the project. */
  readonly to: string;
  readonly dynamic: boolean;
}

function importsOf(file: string, code: string): Import[] {
  return [...code.matchAll(importPattern)].flatMap((match) => {
    const target = match[1] ?? match[2] ?? "";
    if (!target.startsWith(".")) return [];
    return [{ to: normalize(join(dirname(file), target)), dynamic: match[2] !== undefined }];
  });
}

/** The packages that a file names itself; not those in a text that is code, which has single quotes. */
function packagesOf(code: string): string[] {
  return [...code.replace(/'[^'\n]*'/g, "''").matchAll(importPattern)].map((match) =>
    match[1] ?? match[2] ?? ""
  )
    .filter((target) => packageName.test(target));
}

/** Breaches of what deps/ is for. */
function packageBreaches(file: string, code: string): string[] {
  const packages = packagesOf(code);
  if (!file.startsWith(deps)) {
    return packages.map((name) => `${file}: ${name} is imported by way of a file of ${deps}`);
  }
  const found = importsOf(file, code).map(({ to }) => `${file}: ${deps} may not import ${to}`);
  for (const name of packages) {
    if (!/^npm:(?:@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+$/.test(name)) {
      found.push(`${file}: ${name} is not npm:PACKAGE@VERSION`);
    }
  }
  if (packages.length !== 1) found.push(`${file}: ${packages.length} packages; one each`);
  return found;
}

/** The room of a file of lib; undefined where none is known. */
function roomOf(file: string): string | undefined {
  const path = file.slice("lib/".length);
  const fitting = Object.keys(rooms).filter((room) => path.startsWith(`${room}/`));
  return fitting.reduce<string | undefined>(
    (best, room) => room.length > (best?.length ?? 0) ? room : best,
    undefined,
  );
}

function isIn(room: string, outer: string): boolean {
  return room === outer || room.startsWith(`${outer}/`);
}

/** Why a file of lib may not import another one; undefined where it may. */
function refusal(file: string, room: string, { to, dynamic }: Import): string | undefined {
  if (to === "deno.json") return undefined; // it has the version
  if (to.startsWith("sim/")) {
    return file.startsWith(simulatorDoor) && dynamic
      ? undefined
      : `only ${simulatorDoor} reaches the simulator, by dynamic import`;
  }
  if (to.startsWith(deps)) return undefined;
  if (!to.startsWith("lib/")) return `lib imports ${to}, which is outside lib`;
  const target = roomOf(to);
  if (target === undefined) return `${to} is in no known room`;
  const door = Object.entries(doors).find(([inner]) => isIn(target, inner) && !isIn(room, inner));
  if (door !== undefined && !file.startsWith(`lib/${door[1]}/`)) {
    return `only ${door[1]} may import ${door[0]} (${to})`;
  }
  if (target === room || (rooms[room] ?? []).some((allowed) => isIn(target, allowed))) {
    return undefined;
  }
  return door === undefined ? `${room} may not import ${target} (${to})` : undefined;
}

/** Comments and strings that hold code must not count as code. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Every breach of one file, as text. */
export function breaches(file: string, source: string): string[] {
  const code = withoutComments(source);
  const found = packageBreaches(file, code);
  if (/^(?:deps|tasks|tests)\/|_test\.ts$/.test(file)) return found;
  if (file.startsWith("sim/")) {
    for (const { to } of importsOf(file, code)) {
      if (to.startsWith("sim/tests/") && !file.startsWith("sim/tests/")) {
        found.push(`${file}: ${to} is for tests`);
      }
      if ([deps, "sim/", simulatorImports].some((room) => to.startsWith(room))) continue;
      found.push(`${file}: sim may not import ${to}`);
    }
  }
  if (file.startsWith("lib/")) {
    const room = roomOf(file);
    if (room === undefined) {
      found.push(`${file}: in no known room; name it in tasks/check_layers.ts`);
    } else {
      for (const one of importsOf(file, code)) {
        const why = refusal(file, room, one);
        if (why !== undefined) found.push(`${file}: ${why}`);
      }
      const outsideTexts = code.replace(/"[^"\n]*"/g, '""');
      if (!denoDirectories.includes(room) && /\bDeno\./.test(outsideTexts)) {
        found.push(`${file}: Deno. belongs to main.ts, lib/host, sim, tasks and tests`);
      }
      if (!denoDirectories.includes(room) && /["']node:process["']/.test(code)) {
        found.push(`${file}: node:process belongs to main.ts, lib/host, sim, tasks and tests`);
      }
      if (!isIn(room, "proxmox") && /\brest\.(?:put|delete|post)\b/.test(code)) {
        found.push(`${file}: calls that change anything belong to lib/proxmox/api`);
      }
    }
    if (/\bconsole\./.test(code)) {
      found.push(`${file}: console; output belongs to the terminal port`);
    }
    if (/\b(Deno|process)\.exit\b/.test(code)) found.push(`${file}: only main.ts exits`);
  }
  if (file === "mod.ts" && /^(?!export\b|\s*\}|\s+\w|\s*$)/m.test(code.trim())) {
    found.push("mod.ts: re-exports only");
  }
  const lines = source.split("\n").length;
  if (lines > 401) found.push(`${file}: ${lines} lines; none over 400`);
  return found;
}

/**
 * Groups of files that import each other, also where it is types alone: each is a breach.
 *
 * @param sources File → its text.
 */
export function circles(sources: ReadonlyMap<string, string>): string[][] {
  const imports = new Map(
    [...sources].map(([file, source]) => [
      file,
      importsOf(file, withoutComments(source)).map(({ to }) => to).filter((to) => sources.has(to)),
    ]),
  );
  // Tarjan's strongly connected components.
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const at = order.size;
    order.set(file, at);
    lowest.set(file, at);
    open.push(file);
    for (const to of imports.get(file) ?? []) {
      const reached = order.has(to) ? (open.includes(to) ? order.get(to) : undefined) : visit(to);
      lowest.set(file, Math.min(lowest.get(file) ?? at, reached ?? at));
    }
    const low = lowest.get(file) ?? at;
    if (low === at) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1 || imports.get(file)?.includes(file)) found.push(group.sort());
    }
    return low;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

async function* sources(directory: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  const files = [join(root, "mod.ts"), join(root, "main.ts")];
  for (const directory of ["deps", "lib", "sim", "tasks", "tests"]) {
    for await (const file of sources(join(root, directory))) files.push(file);
  }
  const all: string[] = [];
  const texts = new Map<string, string>();
  for (const path of files) {
    const file = relative(root, path).replaceAll("\\", "/");
    const source = await Deno.readTextFile(path);
    all.push(...breaches(file, source));
    if (!/^(?:tasks|tests)\/|_test\.ts$/.test(file)) texts.set(file, source);
  }
  all.push(...circles(texts).map((group) => `import circle: ${group.join(", ")}`));
  for (const line of all.sort()) console.error(line);
  console.error(`layers: ${files.length} files, ${all.length} breaches`);
  if (all.length > 0) Deno.exit(1);
}
