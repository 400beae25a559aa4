/** The answers to words of other tools, and to those of a later pxrun. */
export type OtherWord =
  /** The same in pxrun, with the rest of the line. */
  | { readonly same: string }
  /** Not built yet; `now` is what helps until then, where CT is the first word behind it. */
  | { readonly later: string; readonly now: string };

const START: OtherWord = { later: "start", now: "`pct start VMID` on its node starts it" };
const STOP: OtherWord = { later: "stop", now: "pxrun exec CT -- poweroff" };
const RESTART: OtherWord = { later: "restart", now: "pxrun exec CT -- reboot" };
const INFO: OtherWord = { later: "info", now: "pxrun list --ips --json" };
const APPLY: OtherWord = {
  later: "apply",
  now: "pxrun create RECIPE for a new container, pxrun provision CT RECIPE for what is inside one",
};
const SSH: OtherWord = { later: "ssh", now: "pxrun shell CT" };
const WEB = "Proxmox's web interface can do it";

/** Words that are no commands of pxrun, in this version or at all. */
export const otherWords: ReadonlyMap<string, OtherWord> = new Map(Object.entries({
  add: { same: "create" },
  new: { same: "create" },
  launch: { same: "create" },
  delete: { same: "destroy" },
  del: { same: "destroy" },
  remove: { same: "destroy" },
  kill: STOP,
  ps: { same: "list" },
  status: { same: "list" },
  enter: { same: "shell" },
  console: { same: "shell" },
  attach: { same: "shell" },
  login: { same: "shell" },
  bash: { same: "shell" },
  sh: { same: "shell" },
  copy: { same: "cp" },
  cp: { same: "cp" },
  scp: { same: "cp" },
  check: { same: "validate" },
  lint: { same: "validate" },
  configure: { same: "setup" },
  version: { same: "--version" },
  start: START,
  stop: STOP,
  shutdown: STOP,
  poweroff: STOP,
  restart: RESTART,
  reboot: RESTART,
  info: INFO,
  show: INFO,
  inspect: INFO,
  describe: INFO,
  apply: APPLY,
  up: APPLY,
  diff: { later: "diff", now: "pxrun provision CT RECIPE --dry-run prints the steps" },
  ssh: SSH,
  logs: { later: "logs", now: "pxrun exec CT -- journalctl -n 100" },
  log: { later: "logs", now: "pxrun exec CT -- journalctl -n 100" },
  top: { later: "top", now: "pxrun list --watch" },
  stats: { later: "top", now: "pxrun list --watch" },
  run: { later: "run", now: "pxrun create, then pxrun exec NAME -- COMMAND" },
  forward: { later: "forward", now: "`ssh -L` through the node" },
  "ssh-config": { later: "ssh-config", now: "pxrun shell CT" },
  "save-config": { later: "save-config", now: "`pct config VMID` on its node shows it" },
  nodes: { later: "nodes", now: "pxrun doctor" },
  storages: { later: "storages", now: "pxrun doctor" },
  templates: { later: "templates", now: "pxrun create offers them as it asks" },
  completion: { later: "completion", now: "pxrun help lists the commands" },
  snapshot: { later: "snapshot", now: WEB },
  rollback: { later: "snapshot rollback", now: WEB },
  clone: { later: "clone", now: WEB },
  backup: { later: "backup", now: WEB },
  restore: { later: "restore", now: WEB },
  move: { later: "move", now: WEB },
  migrate: { later: "move", now: WEB },
}));

/** What an option of another tool, or a likely slip, is called here; not every command has it. */
export const otherOptions: ReadonlyMap<string, string> = new Map(Object.entries({
  "-f": "--yes",
  "-rf": "--yes",
  "-fr": "--yes",
  "--force": "--yes",
  "--assume-yes": "--yes",
  "--no-confirm": "--yes",
  "-n": "--dry-run",
  "--dryrun": "--dry-run",
  "--check": "--dry-run",
  "--plan": "--dry-run",
  "-j": "--json",
  "--yaml": "--format yaml",
  "--output": "--format",
  "--name": "--hostname",
  "--id": "--vmid",
  "--cpu": "--cores",
  "--cpus": "--cores",
  "--vcpus": "--cores",
  "-m": "--memory",
  "--mem": "--memory",
  "--ram": "--memory",
  "--disk": "--storage",
  "--disk-size": "--storage",
  "--size": "--storage",
  "--rootfs": "--storage",
  "--image": "--template",
  "--ostemplate": "--template",
  "--os": "--template",
  "--ssh-keys": "--ssh-key",
  "--ssh-public-keys": "--ssh-key",
  "--tags": "--tag",
  "--label": "--tag",
  "--host": "--node",
  "--target": "--node",
  "--net": "--bridge",
  "--gw": "--gateway",
  "--address": "--ip",
  "--silent": "--quiet",
  "-w": "--watch",
  "-p": "--parallel",
  "--jobs": "--parallel",
  "--chown": "--owner",
  "--chmod": "--mode",
  "-c": "--context",
  "--profile": "--context",
  "--addresses": "--ips",
}));

/** Options that nothing takes the place of, and why. */
export const needlessOptions: readonly (readonly [
  flags: readonly string[],
  commands: readonly string[],
  why: string,
])[] = [
  [["-f", "--file"], ["create", "validate"], "recipes are named without an option"],
  [["-f", "--file"], ["provision"], "the recipe is named without an option, after the container"],
  [["-q", "--quiet"], [], "progress goes to standard error: 2>/dev/null hides it"],
  [["-f", "--force", "-y", "--yes"], [], "it asks nothing: leave the option out"],
  [["-a", "--all", "-A"], ["list"], "list shows every container, running or not"],
  [["-l", "--long"], ["list"], "list shows all it has; --ips adds the addresses"],
  [
    ["-r", "-R", "-a", "-p", "--recursive"],
    ["push", "pull"],
    "directories are copied whole, with modes and links",
  ],
  [
    ["-i", "-t", "-it", "-ti", "--tty"],
    ["exec"],
    "standard input is passed on; pxrun shell CT is a terminal",
  ],
  [["-i", "-t", "-it", "-ti", "--tty"], ["shell"], "it is a terminal: leave the option out"],
  [
    ["-d", "--detach"],
    ["create"],
    "pxrun waits until the container runs; end the line with & to go on meanwhile",
  ],
  [["--no-color", "--no-colour"], [], "NO_COLOR=1 in the environment turns colours off"],
  [["-u", "--user"], ["exec", "shell"], "it runs as root; inside, su and runuser change the user"],
];
