/**
 * A step that may help after a failure, as data: the command line says it as a command line, a
 * program that uses the module takes it itself.
 *
 * @category Errors
 */
export type Remedy =
  /** Look at the containers, of one node where it is named. */
  | { readonly kind: "list"; readonly node?: string }
  /** Wait for the end of a task. */
  | { readonly kind: "wait-task"; readonly upid: string }
  /** Remove a container; with `force` also one that is protected. */
  | { readonly kind: "destroy"; readonly vmid: number; readonly force?: true }
  /** Run a command in a container. */
  | {
    readonly kind: "exec";
    readonly container: string | number;
    readonly argv: readonly string[];
  }
  /** Provision a container by a recipe; by its own where the file is not named. */
  | { readonly kind: "provision"; readonly container: string | number; readonly file?: string }
  /** Provision a container that was kept, look inside it, or remove it. */
  | { readonly kind: "kept"; readonly vmid: number; readonly file?: string }
  /** Remove what earlier runs have left. */
  | { readonly kind: "cleanup" }
  /** The same with the login that may see API tokens: by SSH alone. */
  | { readonly kind: "cleanup-by-ssh" }
  /** Look what is wrong with the configuration and the connection. */
  | { readonly kind: "doctor" }
  /** The same once more when what is missing answers. */
  | { readonly kind: "doctor-again" }
  /** Look which settings hold, and where they come from. */
  | { readonly kind: "doctor-verbose" }
  /** Encrypt the secrets of the config file. */
  | { readonly kind: "encrypt-config" }
  /** Set a secret of the config file, which is then encrypted. */
  | { readonly kind: "set-secret"; readonly path: string }
  /** Set up access to a cluster, or try the simulated one. */
  | { readonly kind: "first-use" }
  /** Make a login that has what it needs; with `print` only print how. */
  | { readonly kind: "setup"; readonly print?: true }
  /** Make the config file, or a context in it. */
  | { readonly kind: "make-config"; readonly context?: string }
  /** Choose one of the contexts of the config file. */
  | { readonly kind: "choose-context"; readonly contexts: readonly string[] }
  /** Write a recipe. */
  | { readonly kind: "write-recipe"; readonly file: string }
  /** The option that lifts the protection of a container first. */
  | { readonly kind: "force" }
  /** The option that also removes what refers to a container. */
  | { readonly kind: "purge" }
  /** The option that allows a hostname twice. */
  | { readonly kind: "allow-duplicate" }
  /** The option that creates the directories of the node. */
  | { readonly kind: "make-directories" }
  /** The errors of the containers of a batch, which say it themselves. */
  | { readonly kind: "see-containers" };
