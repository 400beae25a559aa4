import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun config path|list|get|set|unset|use|…` */
export function addConfig(root: Root, context: GetContext): void {
  const file = () => import("./run_config.ts");
  const contexts = () => import("./run_contexts.ts");
  const config = documented(root.command("config"), {
    summary: "show and change the config file",
    description:
      "Show and change the config file. Its secrets are encrypted with sops; the rest stays " +
      "readable. PATH is relative to the context in use (host, token_secret, ssh.nodes.pve01), " +
      "or to the whole file (contexts.home.host, current_context).",
    examples: [["pxrun config list", "list the contexts"]],
  });
  documented(config.command("path"), {
    summary: "print the path of the file",
    description: "Print the path of the config file, whether it exists or not.",
    examples: [["pxrun config path", "print the path"]],
  }).action(async () => await (await file()).printPath(context()));
  documented(config.command("list"), {
    summary: "list the contexts",
    description: "List the contexts of the config file; * marks the one in use.",
    examples: [["pxrun config list", "name, host and login of each"]],
  }).action(async () => await (await contexts()).list(context()));
  documented(config.command("get"), {
    summary: "print a value",
    description: "Print a value of the config file, or all below a path; secrets as dots.",
    examples: [["pxrun config get ssh", "all SSH settings"]],
  })
    .argument("[path]", "path of the value (default: the whole context)")
    .action(async (path) => await (await file()).get(path, context()));
  documented(config.command("set"), {
    summary: "change a value",
    description:
      "Change a value of the config file; the file is created if needed. A secret is never taken " +
      "from the command line, but asked for, or read from standard input.",
    examples: [
      ["pxrun config set pool dev", "containers go to this pool by default"],
      ["pxrun config set token_secret", "ask for the secret, and encrypt it"],
      ["pxrun config set host pve09 --context lab", "in another context, new or not"],
    ],
  })
    .argument("<path>", "path of the value")
    .argument("[value]", "the value (default: asked for, or read from standard input)")
    .action(async (path, value) => await (await file()).set(path, value, context()));
  documented(config.command("unset"), {
    summary: "remove a value",
    description: "Remove a value of the config file, or all below a path.",
    examples: [["pxrun config unset pool", "no pool by default"]],
  })
    .argument("<path>", "path of the value")
    .action(async (path) => await (await file()).unset(path, context()));
  documented(config.command("delete-context"), {
    summary: "remove a context and its secrets",
    description: "Remove a context of the config file, with its secrets.",
    examples: [["pxrun config delete-context lab", "ask, and remove lab"]],
  })
    .argument("<context>", "name of the context")
    .option("-y, --yes", "do not ask (required without a terminal)")
    .action(async (name, { yes }) =>
      await (await contexts()).deleteContext(name, yes === true, context())
    );
  documented(config.command("rename-context"), {
    summary: "rename a context",
    description: "Rename a context of the config file; the current one stays the current one.",
    examples: [["pxrun config rename-context default home", "rename it"]],
  })
    .argument("<old>", "its name").argument("<new>", "its new name")
    .action(async (old, name) => await (await contexts()).renameContext(old, name, context()));
  documented(config.command("encrypt"), {
    summary: "encrypt the secrets of a plain file",
    description:
      "Encrypt the secrets of a config file that holds them in plain text, with sops. Without a " +
      ".sops.yaml an age key is made, and named in one beside the file.",
    examples: [["pxrun config encrypt", "once sops and age are installed"]],
  }).action(async () => await (await file()).encryptFile(context()));
  documented(config.command("use"), {
    summary: "choose the current context",
    description: "Make a context the one that is used when none is named.",
    examples: [["pxrun config use lab", "use lab from now on"]],
  })
    .argument("<context>", "name of the context")
    .action(async (name) => await (await contexts()).use(name, context()));
  documented(config.command("edit"), {
    summary: "edit the file with sops",
    description:
      "Open the config file in your editor with `sops edit`, which keeps a temporary file in the " +
      "clear while the editor runs.",
    examples: [["EDITOR=nano pxrun config edit", "edit it with nano"]],
  }).action(async () => await (await file()).edit(context()));
}
