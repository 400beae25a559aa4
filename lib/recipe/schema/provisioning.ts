import * as v from "../../../deps/valibot.ts";
import { reveal } from "../../core/secret.ts";
import { DEFAULTS } from "./defaults.ts";
import { GivenValue } from "./env_value.ts";
import { field, sensitive } from "./fields/field.ts";
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

const sshKeys = v.array(
  v.pipe(
    sensitive(
      "A public key, the path of a local .pub file, or an address: https://github.com/NAME.keys.",
      publicKey(),
    ),
    // A path is no secret, also when a part of it came from the environment.
    v.transform((key) => isPath(key) ? reveal(key) : key),
  ),
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
    uid: v.exactOptional(
      field("User id. Default: the next free one.", whole({ min: 1, max: 4294967294 })),
    ),
    groups: v.optional(
      v.pipe(
        v.array(field("A group.", accountName())),
        v.description("Further groups, made where they are missing."),
      ),
      [...DEFAULTS.user.groups],
    ),
    shell: v.exactOptional(
      field("Login shell. Default: that of the distribution.", accountPath()),
    ),
    home: v.exactOptional(field("Home directory. Default: /home/username.", accountPath())),
    ssh_keys: v.optional(v.pipe(sshKeys, v.description("Who may log in as this user.")), [
      ...DEFAULTS.user.ssh_keys,
    ]),
  }),
  v.description("A user to have."),
);

const file = v.pipe(
  v.strictObject({
    path: field("Where the file goes in the container.", pathBelowRoot()),
    content: v.exactOptional(
      sensitive("The text of the file, taken literally: no ${NAME} in it.", content()),
    ),
    source: v.exactOptional(field("A local file, relative to the recipe.", localPath())),
    mode: v.optional(field("Permissions, octal.", mode(true)), DEFAULTS.file.mode),
    owner: v.optional(
      field("user or user:group, by name or number.", owner()),
      DEFAULTS.file.owner,
    ),
  }),
  v.metadata({ description: "A file to have.", ...oneOfContentAndSource }),
);

const docker = v.pipe(
  v.strictObject({
    install: v.optional(
      field("Another way to write docker: true or false.", flag()),
      DEFAULTS.docker.install,
    ),
    source: v.optional(
      field(
        "official: Docker's own packages, where they can be had; distro: the distribution's.",
        matching("^(official|distro)$", "official or distro"),
      ),
      DEFAULTS.docker.source,
    ),
    users: v.optional(
      v.pipe(
        v.array(field("A user.", accountName())),
        v.description("Who may use it without sudo, which makes them as mighty as root."),
      ),
      [...DEFAULTS.docker.users],
    ),
    compose: v.optional(
      field("Whether docker compose is installed, too.", flag()),
      DEFAULTS.docker.compose,
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
        'Key to join with: "${TAILSCALE_AUTH_KEY}". Default: made or taken from the environment.',
        text(),
      ),
    ),
    hostname: v.exactOptional(
      field("Name in the tailnet. Default: that of the container.", dnsLabel()),
    ),
    accept_routes: v.optional(
      field("Whether it uses routes that others advertise.", flag()),
      DEFAULTS.tailscale.accept_routes,
    ),
    advertise_routes: v.optional(
      v.pipe(
        v.array(field("A network.", network())),
        v.description("Networks that it offers to route."),
      ),
      [...DEFAULTS.tailscale.advertise_routes],
    ),
    shields_up: v.optional(
      field("Whether it refuses incoming connections.", flag()),
      DEFAULTS.tailscale.shields_up,
    ),
    ephemeral: v.optional(
      field("Whether the tailnet forgets it when it goes offline.", flag()),
      DEFAULTS.tailscale.ephemeral,
    ),
  }),
  v.description("Joins a tailnet. `true` stands for all defaults."),
);

const script = v.pipe(
  v.strictObject({
    name: v.exactOptional(
      field("What it is called in the plan. Default: script-1, script-2 …", text({ max: 100 })),
    ),
    interpreter: v.exactOptional(
      field(
        "Program that runs it (default: the one that its #! line names, otherwise sh).",
        program(),
      ),
    ),
    content: v.exactOptional(
      sensitive("The script, taken literally: pass values through environment.", content()),
    ),
    source: v.exactOptional(field("A local file, relative to the recipe.", localPath())),
    run_as: v.exactOptional(field("User that runs it. Default: root.", loginName())),
    working_dir: v.exactOptional(
      field("Directory that it runs in. Default: the user's home.", absolutePath()),
    ),
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
    timeout: v.optional(
      field("Seconds after which it is ended, or a time: 10m.", seconds({ min: 1, max: 86_400 })),
      DEFAULTS.script.timeout,
    ),
    continue_on_error: v.optional(
      field("Whether the steps after it run although it failed.", flag()),
      DEFAULTS.script.continue_on_error,
    ),
  }),
  v.metadata({ description: "A script to run.", ...oneOfContentAndSource }),
);

/** Everything under `provisioning`. */
export const provisioningSchema = v.pipe(
  v.strictObject({
    locale: v.exactOptional(field("Locale of the system.", locale())),
    timezone: v.exactOptional(field("Time zone, or host for that of the node.", timezone())),
    packages: v.optional(
      v.pipe(
        v.array(field("A package.", packageName())),
        v.description("Packages to have, as the distribution names them."),
      ),
      [...DEFAULTS.provisioning.packages],
    ),
    users: v.optional(v.pipe(v.array(user), v.description("Users to have.")), [
      ...DEFAULTS.provisioning.users,
    ]),
    ssh_keys: v.optional(
      v.pipe(sshKeys, v.description("Who may log in as root.")),
      [...DEFAULTS.provisioning.ssh_keys],
    ),
    files: v.optional(v.pipe(v.array(file), v.description("Files to have.")), [
      ...DEFAULTS.provisioning.files,
    ]),
    docker: v.exactOptional(docker),
    tailscale: v.exactOptional(tailscale),
    scripts: v.optional(v.pipe(v.array(script), v.description("Scripts to run, in order.")), [
      ...DEFAULTS.provisioning.scripts,
    ]),
  }),
  v.description("What is done inside, in the order of these keys."),
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
