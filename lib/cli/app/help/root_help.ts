import type { HelpSection } from "./help.ts";

/** The parts of `pxrun --help` before its end. Made by `deno run -A tasks/make_help.ts`. */
export const ROOT_HELP: readonly HelpSection[] = [
  {
    text: "Usage: pxrun [options] <command>",
  },
  {
    text:
      "From a YAML recipe, or five questions, to a provisioned and reachable LXC container on a Proxmox VE cluster, and back.",
  },
  {
    heading: "First use:",
    items: [
      ["setup", "create a token of your own, and the config file"],
      ["demo", "create, provision, list and destroy on an embedded cluster"],
    ],
  },
  {
    heading: "Containers:",
    items: [
      ["create", "create containers from recipes, or from five questions"],
      ["list", "list the containers of the cluster"],
      ["destroy", "remove containers and their disks, running or not"],
      ["cleanup", "remove leftovers of runs that were cut off"],
    ],
  },
  {
    heading: "Inside a container:",
    items: [
      ["shell", "open a terminal in a container"],
      ["exec", "run a command in a container, or in several"],
      ["push", "copy a file or a directory into a container"],
      ["pull", "copy a file or a directory out of a container"],
      ["provision", "run the provisioning of a recipe again"],
    ],
  },
  {
    heading: "Recipes:",
    items: [
      ["init", "write a recipe by answering questions"],
      ["validate", "check recipes without a cluster"],
      ["schema", "print the JSON Schema of recipes, for editors"],
    ],
  },
  {
    heading: "Cluster:",
    items: [
      ["doctor", "diagnose configuration and connectivity"],
      ["wait", "wait for a task that a run stopped waiting for"],
      ["tailscale", "show the tailnet, create keys to join it"],
    ],
  },
  {
    heading: "Other:",
    items: [
      ["config", "show and change the config file"],
      ["simulator", "run an embedded two-node cluster"],
      ["help", "print the help of a command"],
    ],
  },
  {
    heading: "Options:",
    items: [
      ["-V, --version", "print the version"],
      [
        "-o, --format <format>",
        "print results as a table or as data (table, json, yaml; default: table)",
      ],
      ["--json", "the same as --format json"],
      ["-v, --verbose", "show the output of commands as it comes; in doctor, every setting"],
      ["--config <file>", "config file (default: PXRUN_CONFIG, or ~/.config/pxrun/config.yaml)"],
      [
        "--context <name>",
        "context of the config file (default: PXRUN_CONTEXT, or its current_context)",
      ],
      ["--timings", "show at the end how long each step took"],
      ["--events", "print each event as a line of JSON, instead of progress and result"],
      ["--debug", "show every API call, and the origin of an error"],
      ["--insecure", "allow PROXMOX_VERIFY_SSL=false to send credentials to an unknown server"],
      ["--no-temp-token", "create no token when SSH is the only login (slower, reads only)"],
      ["-h, --help", "print help"],
    ],
  },
];
