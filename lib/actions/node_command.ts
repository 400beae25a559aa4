import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { ActionModule, RunState } from "../run/run_actions.ts";
import type { Undo } from "../run/undo.ts";

/** A command runs on a node, as root. */
export interface NodeCommand {
  readonly kind: "node-command";
  /** `role`, `token`, `grant:/pool/dev` */
  readonly id: string;
  readonly title: string;
  readonly argv: readonly string[];
  /** The command that undoes it; absent where nothing does. */
  readonly undo?: readonly string[];
  /** The command makes a token and prints its secret. */
  readonly makesToken?: true;
}

/** State that the commands of one run share. */
export interface NodeContext extends RunState {
  readonly undo: Undo;
  /** Runs a command as root that has to succeed; gives what it prints. */
  readonly run: (argv: readonly string[]) => Promise<string>;
  /** The secret of the token that was made. */
  secret?: Secret;
}

/** A command that has begun is awaited: it could not be undone while it runs. */
export const nodeCommand: ActionModule<NodeCommand, NodeContext> = {
  describe: ({ title, argv }) => ({
    title,
    by: "SSH",
    call: commandLine(argv),
    why: "there is no login to the API yet",
  }),
  async run({ title, argv, undo: back, makesToken }, context) {
    // From here on it may be done, whatever becomes of the connection.
    const withdraw = back && context.undo.add(`undo: ${title}`, async () => {
      await context.run(back);
    }, { byHand: `on a node: ${commandLine(back)}` });
    const words = makesToken ? [...argv, "--output-format", "json"] : argv;
    const printed = await context.run(words).catch((error) => {
      // The node itself says that it was not done.
      if (error instanceof PxrunError && error.code !== "UNREACHABLE") withdraw?.();
      throw error;
    });
    if (makesToken) context.secret = readSecret(printed);
    return {};
  },
};

/** Nothing of what pveum prints may get into an error. */
function readSecret(printed: string): Secret {
  try {
    const { value } = Object(JSON.parse(printed));
    if (typeof value === "string" && value !== "") return new Secret(value);
  } catch {
    // The same as no secret.
  }
  throw new PxrunError("FAILED", "pveum made a token and printed no secret of it", {
    hint: "is something in the shell's start-up files printing text on the node?",
  });
}
