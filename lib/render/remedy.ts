import { commandLine } from "../core/argv.ts";
import type { Remedy } from "../core/remedy.ts";

/** What may help after a failure. */
export interface Advice {
  readonly hint?: string | undefined;
  readonly remedies?: readonly Remedy[] | undefined;
}

/** A hint with its remedies as command lines; undefined where there is neither. */
export function adviceText({ hint, remedies = [] }: Advice): string | undefined {
  return remedies.reduce<string | undefined>((text, remedy) => {
    const words = remedyText(remedy);
    return text === undefined ? words : `${text}${isCommand(remedy) ? ": " : "; "}${words}`;
  }, hint);
}

/** Data with its remedies said, too: in `hint`, as people read it. */
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

/** Whether it reads as a command alone, which the hint before it introduces. */
function isCommand(remedy: Remedy): boolean {
  return remedy.kind === "exec" || remedy.kind === "setup" && remedy.print === true;
}

function remedyText(remedy: Remedy): string {
  const pxrun = (...argv: readonly (string | number)[]): string =>
    commandLine(["pxrun", ...argv.map(String)]);
  switch (remedy.kind) {
    case "list":
      return remedy.node === undefined
        ? "pxrun list shows the containers"
        : `${pxrun("list", "--node", remedy.node)} shows it`;
    case "wait-task":
      return `wait for its end with ${pxrun("wait", remedy.upid)}`;
    case "destroy":
      return remedy.force
        ? `if it is to go anyway: ${pxrun("destroy", remedy.vmid, "--force")}`
        : `${pxrun("destroy", remedy.vmid)} removes it`;
    case "exec":
      return pxrun("exec", remedy.container, "--", ...remedy.argv);
    case "provision":
      return `${pxrun("provision", remedy.container, remedy.file ?? "RECIPE")} provisions it`;
    case "kept":
      return [
        ...remedy.file === undefined
          ? []
          : [`continue: ${pxrun("provision", remedy.vmid, remedy.file)}`],
        `look inside: ${pxrun("shell", remedy.vmid)}`,
        `remove it: ${pxrun("destroy", remedy.vmid)}`,
      ].join("\n");
    case "cleanup":
      return "`pxrun cleanup` removes it";
    case "cleanup-by-ssh":
      return "who logs in by SSH alone may: `PXRUN_CONFIG= PROXMOX_HOST=NODE pxrun cleanup`, " +
        "without PROXMOX_TOKEN_ID and PROXMOX_USER";
    case "doctor":
      return "`pxrun doctor` shows what is missing";
    case "doctor-again":
      return "run `pxrun doctor` again when it answers";
    case "doctor-verbose":
      return "`pxrun doctor --verbose` shows every setting, and who gives which value";
    case "encrypt-config":
      return "`pxrun config encrypt` encrypts them";
    case "set-secret":
      return `or \`${pxrun("config", "set", remedy.path)}\` asks for it and encrypts it`;
    case "first-use":
      return "`pxrun setup` makes a token and writes it all down; no cluster at hand? " +
        "`pxrun simulator --print-env` starts one and prints the variables";
    case "setup":
      return remedy.print
        ? "pxrun setup --print"
        : "`pxrun setup` makes a login that has what it needs";
    case "make-config":
      return remedy.context === undefined
        ? "`pxrun setup` makes one, and so does `pxrun config set host NAME`"
        : `\`${pxrun("config", "set", "--context", remedy.context, "host", "NAME")}\` makes it`;
    case "choose-context":
      return `name one: ${remedy.contexts.map((name) => `--context ${name}`).join(", ")}; ` +
        "or keep one: `pxrun config use NAME`";
    case "write-recipe":
      return `\`${pxrun("init", remedy.file)}\` asks for what is needed, and writes one`;
    case "force":
      return "--force lifts the protection first";
    case "purge":
      return "--purge removes it there, too";
    case "allow-duplicate":
      return "--allow-duplicate allows it";
    case "make-directories":
      return "or let create make it: --make-directories";
    case "see-containers":
      return "see the messages above";
  }
}
