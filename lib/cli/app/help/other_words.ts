/** Answers to words of other tools, and to those of a later pxrun. */
export type OtherWord =
  /** The same in pxrun, with the rest of the line. */
  | { readonly same: string }
  /** Not built yet; `now` helps until then, where CT is the first word behind it. */
  | { readonly later: string; readonly now: string };

/** Words of other tools by what is the same in pxrun. */
const same: Readonly<Record<string, readonly string[]>> = {
  create: ["add", "new", "launch"],
  destroy: ["delete", "del", "remove"],
  list: ["ps", "status"],
  shell: ["enter", "console", "attach", "login", "bash", "sh"],
  cp: ["cp", "copy", "scp"],
  validate: ["check", "lint"],
  setup: ["configure"],
  "--version": ["version"],
};

const APPLY = "pxrun create RECIPE for a new container, pxrun provision CT RECIPE for what is " +
  "inside one";
const WEB = "Proxmox's web interface can do it";

/** Commands of a later pxrun: what helps now, and other words for them. */
const later: readonly (readonly [later: string, now: string, ...others: readonly string[]])[] = [
  ["start", "`pct start VMID` on its node starts it"],
  ["stop", "pxrun exec CT -- poweroff", "kill", "shutdown", "poweroff"],
  ["restart", "pxrun exec CT -- reboot", "reboot"],
  ["info", "pxrun list --ips --json", "show", "inspect", "describe"],
  ["apply", APPLY, "up"],
  ["diff", "pxrun provision CT RECIPE --dry-run prints the steps"],
  ["ssh", "pxrun shell CT"],
  ["logs", "pxrun exec CT -- journalctl -n 100", "log"],
  ["top", "pxrun list --watch", "stats"],
  ["run", "pxrun create, then pxrun exec NAME -- COMMAND"],
  ["forward", "`ssh -L` through the node"],
  ["ssh-config", "pxrun shell CT"],
  ["save-config", "`pct config VMID` on its node shows it"],
  ["nodes", "pxrun doctor"],
  ["storages", "pxrun doctor"],
  ["templates", "pxrun create offers them as it asks"],
  ["completion", "pxrun help lists the commands"],
  ["snapshot", WEB],
  ["snapshot rollback", WEB, "rollback"],
  ["clone", WEB],
  ["backup", WEB],
  ["restore", WEB],
  ["move", WEB, "migrate"],
];

/** Words that are no commands of pxrun, in this version or at all. */
export const otherWords: ReadonlyMap<string, OtherWord> = new Map<string, OtherWord>([
  ...Object.entries(same).flatMap(([same, words]) =>
    words.map((word) => [word, { same }] as const)
  ),
  ...later.flatMap(([later, now, ...others]) =>
    [later, ...others].map((word) => [word, { later, now }] as const)
  ),
]);

/** Options of other tools, and likely slips, by the option here; not every command has it. */
const options: Readonly<Record<string, readonly string[]>> = {
  "--yes": ["-f", "-rf", "-fr", "--force", "--assume-yes", "--no-confirm"],
  "--dry-run": ["-n", "--dryrun", "--check", "--plan"],
  "--json": ["-j"],
  "--format yaml": ["--yaml"],
  "--format": ["--output"],
  "--hostname": ["--name"],
  "--vmid": ["--id"],
  "--cores": ["--cpu", "--cpus", "--vcpus"],
  "--memory": ["-m", "--mem", "--ram"],
  "--storage": ["--disk", "--disk-size", "--size", "--rootfs"],
  "--template": ["--image", "--ostemplate", "--os"],
  "--ssh-key": ["--ssh-keys", "--ssh-public-keys"],
  "--tag": ["--tags", "--label"],
  "--node": ["--host", "--target"],
  "--bridge": ["--net"],
  "--gateway": ["--gw"],
  "--ip": ["--address"],
  "--quiet": ["--silent"],
  "--watch": ["-w"],
  "--parallel": ["-p", "--jobs"],
  "--owner": ["--chown"],
  "--mode": ["--chmod"],
  "--context": ["-c", "--profile"],
  "--ips": ["--addresses"],
};

/** The option here by that of another tool. */
export const otherOptions: ReadonlyMap<string, string> = new Map(
  Object.entries(options).flatMap(([ours, others]) =>
    others.map((other) => [other, ours] as const)
  ),
);

/** Options that nothing replaces, and why. */
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
