import * as v from "../../../deps/valibot.ts";
import { reveal } from "../../core/secret.ts";
import { DEFAULTS } from "./defaults.ts";
import { GivenValue } from "./env_value.ts";
import { field, list, optional, sensitive, withDefault } from "./fields/field.ts";
import {
  accountName,
  dnsLabel,
  locale,
  loginName,
  owner,
  packageName,
  program,
  timezone,
} from "./fields/names.ts";
import { network } from "./fields/network.ts";
import { flag, seconds, whole } from "./fields/numbers.ts";
import { absolutePath, accountPath, localPath, mode, pathBelowRoot } from "./fields/paths.ts";
import { publicKey } from "./fields/ssh_key.ts";
import { matching, text } from "./fields/texts.ts";
import { defaultInterpreter } from "./interpreter.ts";
import type { Docker, Sensitive } from "./types.ts";

/** Longer contents belong in a file of their own (`source`). */
const content = (): ReturnType<typeof text> => text({ max: 512 * 1024, lines: true, empty: true });

const sshKey = v.pipe(
  sensitive(
    "A public key, the path of a local .pub file, or an address: https://github.com/NAME.keys.",
    publicKey(),
  ),
  // A path is no secret, also when a part of it came from the environment.
  v.transform((key) => isPath(key) ? reveal(key) : key),
);

function isPath(key: Sensitive): boolean {
  return !(key instanceof GivenValue && key.unknown) && !/\s/.test(reveal(key));
}

/** Names that every shell takes, without those that some shell keeps for itself. */
const ENVIRONMENT_NAME =
  /^(?!(?:UID|EUID|PPID|BASHOPTS|SHELLOPTS|BASH_VERSINFO|OPTIND|OPTARG|LINENO|_)$)[A-Za-z_][A-Za-z0-9_]*$/;

const oneOfContentAndSource = { oneOf: [{ required: ["content"] }, { required: ["source"] }] };

const user = v.pipe(
  v.strictObject({
    username: field("Login name.", accountName()),
    uid: optional("User id (default: the next free one).", whole({ min: 1, max: 4294967294 })),
    groups: list(
      DEFAULTS.user.groups,
      "Further groups, made where they are missing.",
      field("A group.", accountName()),
    ),
    shell: optional("Login shell (default: that of the distribution).", accountPath()),
    home: optional("Home directory (default: /home/username).", accountPath()),
    ssh_keys: list(DEFAULTS.user.ssh_keys, "Public keys that may log in as this user.", sshKey),
  }),
  v.description("A user to have."),
);

const file = v.pipe(
  v.strictObject({
    path: field("Path of the file in the container.", pathBelowRoot()),
    content: v.exactOptional(
      sensitive("The text of the file, taken literally: no ${NAME} in it.", content()),
    ),
    source: optional("A local file, relative to the recipe.", localPath()),
    mode: withDefault(DEFAULTS.file.mode, "Permissions, octal.", mode(true)),
    owner: withDefault(DEFAULTS.file.owner, "user or user:group, by name or number.", owner()),
  }),
  v.metadata({ description: "A file to have.", ...oneOfContentAndSource }),
);

const docker = v.pipe(
  v.strictObject({
    install: withDefault(
      DEFAULTS.docker.install,
      "Another way to write docker: true or false.",
      flag(),
    ),
    source: withDefault(
      DEFAULTS.docker.source,
      "official: Docker's own packages, where they can be had; distro: the distribution's.",
      matching("^(official|distro)$", "official or distro"),
    ),
    users: list(
      DEFAULTS.docker.users,
      "Users who may use it without sudo, which gives them the power of root.",
      field("A user.", accountName()),
    ),
    compose: withDefault(
      DEFAULTS.docker.compose,
      "Install docker compose, too.",
      flag(),
    ),
  }),
  v.description("Docker. `true` stands for all defaults."),
  v.transform(({ install, source, ...rest }): false | Docker =>
    install && { ...rest, source: source === "distro" ? "distro" : "official" }
  ),
);

const tailscale = v.pipe(
  v.strictObject({
    auth_key: v.exactOptional(
      sensitive(
        'Key to join with: "${TAILSCALE_AUTH_KEY}" (default: made, or taken from the environment).',
        text(),
      ),
    ),
    hostname: optional("Name in the tailnet (default: that of the container).", dnsLabel()),
    accept_routes: withDefault(
      DEFAULTS.tailscale.accept_routes,
      "Use routes that others advertise.",
      flag(),
    ),
    advertise_routes: list(
      DEFAULTS.tailscale.advertise_routes,
      "Networks that it offers to route.",
      field("A network.", network()),
    ),
    shields_up: withDefault(
      DEFAULTS.tailscale.shields_up,
      "Refuse incoming connections.",
      flag(),
    ),
    ephemeral: withDefault(
      DEFAULTS.tailscale.ephemeral,
      "Remove it from the tailnet when it goes offline.",
      flag(),
    ),
  }),
  v.description("Joins a tailnet. `true` stands for all defaults."),
);

const script = v.pipe(
  v.strictObject({
    name: optional(
      "Name in the plan (default: script-1, script-2 …).",
      text({ max: 100 }),
    ),
    interpreter: optional(
      "Program that runs it (default: the one that its #! line names, otherwise sh).",
      program(),
    ),
    content: v.exactOptional(
      sensitive("The script, taken literally: pass values through environment.", content()),
    ),
    source: optional("A local file, relative to the recipe.", localPath()),
    run_as: optional("User that runs it (default: root).", loginName()),
    working_dir: optional("Directory that it runs in (default: the user's home).", absolutePath()),
    environment: v.optional(
      v.pipe(
        v.record(
          v.pipe(
            v.string(),
            v.regex(
              ENVIRONMENT_NAME,
              "must have a name of letters, digits and _ that no shell keeps for itself",
            ),
          ),
          sensitive("A value.", text({ lines: true, empty: true, max: 128 * 1024 }), {
            type: ["string", "number", "boolean"],
          }),
        ),
        v.description("Variables for it; the way for values and secrets to reach it."),
      ),
      DEFAULTS.script.environment,
    ),
    timeout: withDefault(
      DEFAULTS.script.timeout,
      "Seconds after which it is ended, or a time: 10m.",
      seconds({ min: 1, max: 86_400 }),
    ),
    continue_on_error: withDefault(
      DEFAULTS.script.continue_on_error,
      "Run the steps after it even if it fails.",
      flag(),
    ),
  }),
  v.metadata({ description: "A script to run.", ...oneOfContentAndSource }),
);

/** Everything under `provisioning`. */
export const provisioningSchema = v.pipe(
  v.strictObject({
    locale: optional("Locale of the system.", locale()),
    timezone: optional("Time zone, or host for that of the node.", timezone()),
    packages: list(
      DEFAULTS.provisioning.packages,
      "Packages to have, as the distribution names them.",
      field("A package.", packageName()),
    ),
    users: v.optional(v.pipe(v.array(user), v.description("Users to have.")), [
      ...DEFAULTS.provisioning.users,
    ]),
    ssh_keys: list(DEFAULTS.provisioning.ssh_keys, "Public keys that may log in as root.", sshKey),
    files: v.optional(v.pipe(v.array(file), v.description("Files to have.")), [
      ...DEFAULTS.provisioning.files,
    ]),
    docker: v.exactOptional(docker),
    tailscale: v.exactOptional(tailscale),
    scripts: v.optional(v.pipe(v.array(script), v.description("Scripts to run, in order.")), [
      ...DEFAULTS.provisioning.scripts,
    ]),
  }),
  v.description("Provisioning inside the container, in the order of these keys."),
  v.transform(({ scripts, docker = DEFAULTS.provisioning.docker, ...rest }) => ({
    ...rest,
    docker,
    scripts: scripts.map((one, index) => ({
      name: `script-${index + 1}`,
      // A source is read later.
      ...(one.content !== undefined && { interpreter: defaultInterpreter(reveal(one.content)) }),
      ...one,
    })),
  })),
);
