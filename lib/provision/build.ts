import { reveal, Secret } from "../core/secret.ts";
import { wideEncoding } from "../core/utf8.ts";
import { defaultInterpreter } from "../recipe/schema/interpreter.ts";
import type { FileEntry, Provisioning, Script, Sensitive } from "../recipe/schema/types.ts";
import type { Step } from "./step.ts";
import { dockerStep } from "./steps/docker.ts";
import { fileStep } from "./steps/files.ts";
import { localeStep } from "./steps/locale.ts";
import { networkStep } from "./steps/network.ts";
import { packagesStep } from "./steps/packages.ts";
import { type Content, invalid } from "./steps/values.ts";
import { scriptStep } from "./steps/scripts.ts";
import { sshKeysStep } from "./steps/ssh_keys.ts";
import { tailscaleStep } from "./steps/tailscale.ts";
import { timezoneStep } from "./steps/timezone.ts";
import { userStep } from "./steps/users.ts";

/** The time zone that Proxmox keeps at the node's, before every start; no step is needed. */
export const HOST_ZONE = "host";

/** Files that a recipe refers to. */
export interface StepInputs {
  /** The keys of root, one public key line each: those of the recipe, with paths read. */
  readonly sshKeys: readonly Sensitive[];
  /** The same for each user of the recipe, in their order. */
  readonly userKeys?: readonly (readonly Sensitive[])[];
  /** The bytes of each local file that is named as a `source`, by that name. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/**
 * Makes the steps that apply a recipe inside the container, in the order in
 * which they are to run.
 *
 * @throws {PxrunError} INVALID_RECIPE for a value that no script can be made of.
 */
export async function buildSteps(wishes: Provisioning, inputs: StepInputs): Promise<Step[]> {
  const steps: Step[] = [];
  const packages = wishes.packages.length > 0 ? [packagesStep(wishes.packages)] : [];
  const docker = wishes.docker === false ? [] : [dockerStep(wishes.docker)];
  const tailscale = wishes.tailscale === undefined ? [] : [tailscaleStep(wishes.tailscale)];
  const needed = [...packages, ...docker, ...tailscale].map(({ id }) => id);
  const online = [...needed, ...wishes.scripts.map((_, i) => scriptId(i))];
  if (online.length > 0) steps.push(networkStep(online, needed.length > 0));
  if (wishes.locale !== undefined) steps.push(localeStep(wishes.locale));
  if (wishes.timezone !== undefined && wishes.timezone !== HOST_ZONE) {
    steps.push(timezoneStep(wishes.timezone));
  }
  steps.push(...packages);
  for (const [index, user] of wishes.users.entries()) {
    steps.push(userStep(`users[${index}]`, { ...user, ssh_keys: inputs.userKeys?.[index] ?? [] }));
  }
  if (inputs.sshKeys.length > 0) steps.push(sshKeysStep(inputs.sshKeys));
  for (const [index, file] of wishes.files.entries()) {
    const id = `files[${index}]`;
    steps.push(await fileStep(id, { ...file, content: contentOf(id, file, inputs) }));
  }
  steps.push(...docker, ...tailscale);
  for (const [index, script] of wishes.scripts.entries()) {
    const id = scriptId(index);
    const content = asScript(id, contentOf(id, script, inputs));
    const interpreter = script.interpreter ?? interpreterOf(content);
    steps.push(scriptStep(id, { ...script, interpreter, content }));
  }
  return steps;
}

function scriptId(index: number): string {
  return `scripts[${index}]`;
}

function contentOf(id: string, entry: FileEntry | Script, inputs: StepInputs): Content {
  const content = entry.content ?? inputs.sources.get(entry.source ?? "");
  if (content === undefined) throw invalid(`provisioning.${id} has neither content nor source`);
  return content;
}

/** Number of bytes of a source that are searched for its `#!` line. */
const FIRST_BYTES = 1024;

function interpreterOf(content: Content): string {
  return defaultInterpreter(
    content instanceof Uint8Array
      ? new TextDecoder("latin1").decode(content.subarray(0, FIRST_BYTES))
      : reveal(content),
  );
}

/**
 * A script as its interpreter wants it: lines that end in CRLF, as editors on Windows write them,
 * would give each last word a CR; a byte order mark would hide the `#!`.
 *
 * @throws {PxrunError} INVALID_RECIPE for a script in UTF-16.
 */
function asScript(id: string, content: Content): Content {
  if (content instanceof Secret) return new Secret(withoutReturns(content.reveal()));
  if (typeof content === "string") return withoutReturns(content);
  const wide = wideEncoding(content);
  if (wide !== undefined) {
    throw invalid(`provisioning.${id}: its source is ${wide}`, "save it as UTF-8");
  }
  const bytes = content.subarray(BOM.every((byte, at) => content[at] === byte) ? BOM.length : 0);
  // As old editors on the Mac write it, it would be a single line, and mostly a comment.
  if (!bytes.includes(LF)) return bytes.map((byte) => byte === CR ? LF : byte);
  const first = bytes.subarray(0, bytes.indexOf(LF));
  return first.at(-1) === CR
    ? bytes.filter((byte, at) => byte !== CR || bytes[at + 1] !== LF)
    : bytes;
}

const [LF, CR] = [10, 13];
const BOM = [0xef, 0xbb, 0xbf];

function withoutReturns(text: string): string {
  const plain = text.replace(/^\ufeff/, "");
  if (!plain.includes("\n")) return plain.replaceAll("\r", "\n");
  return /^[^\n]*\r\n/.test(plain) ? plain.replaceAll("\r\n", "\n") : plain;
}
