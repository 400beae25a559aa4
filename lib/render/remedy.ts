import { commandLine } from "../core/argv.ts";
import type { Remedy } from "../core/remedy.ts";

/** Help after a failure. */
export interface Advice {
  readonly hint?: string | undefined;
  readonly remedies?: readonly Remedy[] | undefined;
}

/** A hint with its remedies as command lines; undefined where there is neither. */
export function adviceText({ hint, remedies = [] }: Advice): string | undefined {
  return remedies.reduce<string | undefined>((text, remedy) => {
    const added = remedyText(remedy);
    return text === undefined ? added : `${text}${isCommand(remedy) ? ": " : "; "}${added}`;
  }, hint);
}

/** Data with its remedies as text, too, in `hint`. */
export function withAdvice(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withAdvice);
  if (typeof data !== "object" || data === null) return data;
  const fields = Object.entries(data).map(([key, value]) => [key, withAdvice(value)]);
  const advice: Advice = data;
  return {
    ...Object.fromEntries(fields),
    ...(advice.remedies !== undefined && { hint: adviceText(advice) }),
  };
}

/** True if it reads as a command alone, which the hint before it introduces. */
function isCommand(remedy: Remedy): boolean {
  return remedy.kind === "exec" || remedy.kind === "setup" && remedy.print === true;
}

function pxrun(...argv: readonly (string | number)[]): string {
  return commandLine(["pxrun", ...argv.map(String)]);
}

/** The words of each kind of remedy. */
const words: {
  readonly [Kind in Remedy["kind"]]: (remedy: Extract<Remedy, { kind: Kind }>) => string;
} = {
  "list": ({ node }) =>
    node === undefined
      ? "pxrun list shows the containers"
      : `${pxrun("list", "--node", node)} shows it`,
  "wait-task": ({ upid }) => `wait for its end with ${pxrun("wait", upid)}`,
  "destroy": ({ vmid, force }) =>
    force
      ? `if it is to go anyway: ${pxrun("destroy", vmid, "--force")}`
      : `${pxrun("destroy", vmid)} removes it`,
  "exec": ({ container, argv }) => pxrun("exec", container, "--", ...argv),
  "provision": ({ container, file = "RECIPE" }) =>
    `${pxrun("provision", container, file)} provisions it`,
  "kept": ({ vmid, file }) =>
    [
      ...file === undefined ? [] : [`continue: ${pxrun("provision", vmid, file)}`],
      `look inside: ${pxrun("shell", vmid)}`,
      `remove it: ${pxrun("destroy", vmid)}`,
    ].join("\n"),
  "cleanup": () => "`pxrun cleanup` removes it",
  "cleanup-by-ssh": () =>
    "a login by SSH alone may: `PXRUN_CONFIG= PROXMOX_HOST=NODE pxrun cleanup`, " +
    "without PROXMOX_TOKEN_ID and PROXMOX_USER",
  "doctor": () => "`pxrun doctor` shows what is missing",
  "doctor-again": () => "run `pxrun doctor` again when it answers",
  "doctor-verbose": () => "`pxrun doctor --verbose` shows every setting, and who gives which value",
  "encrypt-config": () => "`pxrun config encrypt` encrypts them",
  "set-secret": ({ path }) => `or \`${pxrun("config", "set", path)}\` asks for it and encrypts it`,
  "first-use": () =>
    "`pxrun setup` makes a token and writes it all down; no cluster at hand? " +
    "`pxrun simulator --print-env` starts one and prints the variables",
  "setup": ({ print }) =>
    print ? "pxrun setup --print" : "`pxrun setup` makes a login that has what it needs",
  "make-config": ({ context }) =>
    context === undefined
      ? "`pxrun setup` makes one, and so does `pxrun config set host NAME`"
      : `\`${pxrun("config", "set", "--context", context, "host", "NAME")}\` makes it`,
  "choose-context": ({ contexts }) =>
    `name one: ${contexts.map((name) => `--context ${name}`).join(", ")}; ` +
    "or keep one: `pxrun config use NAME`",
  "write-recipe": ({ file }) =>
    `\`${pxrun("init", file)}\` asks for what is needed, and writes one`,
  "force": () => "--force lifts the protection first",
  "purge": () => "--purge removes it there, too",
  "allow-duplicate": () => "--allow-duplicate allows it",
  "make-directories": () => "or let create make it: --make-directories",
  "see-containers": () => "see the messages above",
};

function remedyText(remedy: Remedy): string {
  // The table has a text for each kind; the compiler cannot follow that for a union.
  const text: (remedy: never) => string = words[remedy.kind];
  return text(remedy as never);
}
