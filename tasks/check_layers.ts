/**
 * Holds the code to the import rules of the house:
 * `deno task check:layers`. Prints every breach, exits 1 when there is one.
 */
import { dirname, join, normalize, relative } from "node:path";

/** What each folder of lib may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  recipe: ["core"],
  config: ["core"],
  secrets: ["core"],
  proxmox: ["core"],
  ssh: ["core"],
  tailscale: ["core"],
  host: ["core"],
  sim: ["core"],
  guest: ["core", "ssh"],
  connect: ["core", "config", "secrets", "proxmox", "ssh"],
  lifecycle: [
    "core",
    "recipe",
    "config",
    "secrets",
    "proxmox",
    "ssh",
    "tailscale",
    "guest",
    "connect",
  ],
  render: ["core", "recipe", "proxmox", "tailscale", "lifecycle"],
  cli: [
    "core",
    "recipe",
    "config",
    "secrets",
    "proxmox",
    "ssh",
    "tailscale",
    "guest",
    "connect",
    "lifecycle",
    "render",
  ],
};

/** The one door to the simulator: reached by dynamic import only. */
const simulatorDoors = ["lib/cli/commands/demo.ts", "lib/cli/commands/simulator.ts"];
const denoFolders = ["host", "sim"];
const importPattern =
  /(?:^|[^.\w])(?:import|export)\s+(?:type\s+)?(?:[\w*{][^;"']*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

/** The only file that changes, starts, stops or destroys a container that is there already. */
const guardedBy = "lib/lifecycle/same_guest.ts";
/** Calls of the API's lxc part after which no container is another one. */
const harmless: ReadonlySet<string> = new Set([
  "config",
  "create",
  "current",
  "interfaces",
  "list",
]);

/**
 * The calls of `nodes_lxc.ts` that a file uses or hands on and that change a container. Where it
 * uses the module in any other way than `lxc.NAME`, that itself.
 */
function changingCalls(file: string, code: string): string[] {
  const found: string[] = [];
  const imports =
    /\b(?:import|export)\s+(type\s+)?(?:\*\s+as\s+(\w+)|(\*)|\{([^}]*)\})\s*from\s*"([^"]*nodes_lxc\.ts)"/g;
  for (const [, onlyType, namespace, all, names = "", target = ""] of code.matchAll(imports)) {
    if (onlyType !== undefined || !target.startsWith(".")) continue;
    if (!normalize(join(dirname(file), target)).endsWith("lib/proxmox/nodes_lxc.ts")) continue;
    if (all !== undefined) found.push("export *");
    for (const name of names.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
      const [first = ""] = name.split(/\s+as\s+/);
      if (!/^type\s/.test(name) && /^[a-z]/.test(first) && !harmless.has(first)) found.push(first);
    }
    if (namespace === undefined) continue;
    const uses = code.matchAll(new RegExp(`(?<![\\w.$"'/])${namespace}\\b(?:\\.(\\w+))?`, "g"));
    for (const [use, name] of uses) {
      if (name === undefined) found.push(use);
      else if (/^[a-z]/.test(name) && !harmless.has(name)) found.push(name);
    }
    // Its own declaration is one use without a name.
    found.splice(found.indexOf(namespace), 1);
  }
  if (/\brest\.(?:put|delete|post)\b/.test(code)) found.push("a call of rest");
  return found;
}

/** Comments and strings that hold code must not count as code. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Every breach of one file, as text. */
export function breaches(file: string, source: string): string[] {
  const found: string[] = [];
  const layer = /^lib\/([^/]+)\//.exec(file)?.[1];
  const isTest = /_test\.ts$/.test(file);
  const code = withoutComments(source);
  for (const match of code.matchAll(importPattern)) {
    const target = match[1] ?? match[2] ?? "";
    if (!target.startsWith(".")) continue;
    const to = normalize(join(dirname(file), target));
    const toLayer = /^lib\/([^/]+)\//.exec(to)?.[1];
    if (layer === undefined || isTest) continue;
    if (to === "deno.json") continue; // the version stands there
    if (toLayer === undefined) {
      found.push(`${file}: lib imports ${to}, which is outside lib`);
    } else if (toLayer === "sim" && layer !== "sim") {
      if (!simulatorDoors.includes(file) || match[2] === undefined) {
        found.push(`${file}: only demo and simulator reach lib/sim, by dynamic import`);
      }
    } else if (toLayer !== layer && !(allowed[layer] ?? []).includes(toLayer)) {
      found.push(`${file}: ${layer} may not import ${toLayer} (${to})`);
    }
  }
  if (layer !== undefined && layer !== "proxmox" && layer !== "sim" && !isTest) {
    const calls = file === guardedBy ? [] : changingCalls(file, code);
    for (const call of calls) {
      found.push(`${file}: ${call}: only ${guardedBy}, which compares first, changes a container`);
    }
  }
  if (layer !== undefined && allowed[layer] === undefined) {
    found.push(`${file}: lib/${layer} is not a known layer; name it in tasks/check_layers.ts`);
  }
  if (layer !== undefined && !isTest) {
    const outsideTexts = code.replace(/"[^"\n]*"/g, '""');
    if (!denoFolders.includes(layer) && /\bDeno\./.test(outsideTexts)) {
      found.push(`${file}: Deno. belongs to lib/host, lib/sim, main.ts, tasks and tests`);
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
  if (lines > 401 && !isTest && layer !== undefined) {
    found.push(`${file}: ${lines} lines; none over 400`);
  }
  return found;
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  const files = [join(root, "mod.ts"), join(root, "main.ts")];
  for await (const file of sources(join(root, "lib"))) files.push(file);
  const all: string[] = [];
  for (const path of files) {
    const file = relative(root, path).replaceAll("\\", "/");
    all.push(...breaches(file, await Deno.readTextFile(path)));
  }
  for (const line of all.sort()) console.error(line);
  console.error(`layers: ${files.length} files, ${all.length} breaches`);
  if (all.length > 0) Deno.exit(1);
}
