/** What `pxrun --help` prints. Made by `deno run -A tasks/make_help.ts`. */
export const ROOT_HELP = `Usage: pxrun [options] [command]

From a YAML recipe, or five questions, to a provisioned and reachable LXC
container on a Proxmox VE cluster, and back.

Options:
  -V, --version                               print the version
  --format <format>                           how results are printed (choices: "table", "json", "yaml", default: "table")
  -v, --verbose                               show the output of commands as it comes; with doctor, every setting
  --config <file>                             the config file; else PXRUN_CONFIG, or ~/.config/pxrun/config.yaml
  --context <name>                            which context of the config file; else PXRUN_CONTEXT
  --timings                                   show at the end how long each step took
  --events                                    print each event as a line of JSON, instead of progress and result
  --debug                                     show every API call, and where an error came from
  --insecure                                  let PROXMOX_VERIFY_SSL=false send credentials to whoever answers
  --no-temp-token                             with SSH alone: make no token; slower, see docs/login.md
  -h, --help                                  print help

Commands:
  setup [options]                             first use: a token of your own, and the config file
  create [options] [recipes...]               containers from recipes, or from five questions
  destroy|rm [options] [containers...]        remove containers, running or not
  list|ls [options]                           every container of the cluster
  provision [options] <container> <recipe>    bring about in a container what its recipe wants
  resume <upid>                               wait again for a task that a run gave up waiting for
  exec [options] <container -- command...>    run a command in a container, or in several
  shell <container>                           a terminal in a container
  push [options] <container> <path> <target>  copy a file or a folder into a container
  pull [options] <container> <path> <target>  copy a file or a folder out of a container
  tailscale                                   the tailnet that containers may join
  doctor                                      what is wrong, and what helps
  cleanup [options]                           remove what an earlier run left
  validate [options] <recipes...>             every problem of a recipe, with its place
  schema                                      the JSON Schema of recipes, for editors
  config                                      the config file: clusters, credentials, defaults
  demo                                        create, provision, list and destroy on an embedded cluster
  simulator [options]                         an embedded two-node cluster to try things on
  help [command]                              display help for command

Examples:
  pxrun setup                    first use: a token for your cluster, and the config file
  pxrun create web.yaml          a container from a recipe
  pxrun create                   the same by answering questions
  pxrun list --ips               every container of the cluster, with addresses
  pxrun destroy web-1            remove it
  pxrun demo                     all of that on an embedded cluster, nothing else needed

Exit status: 0 done, 1 failed, 2 usage or invalid recipe, 3 not found,
4 authentication or permission, 5 unreachable, 130 interrupted. exec and shell have
the status of what they run, and 125 for a failure of pxrun itself.
`;
