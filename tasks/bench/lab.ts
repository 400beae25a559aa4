/** Rows about the inside of a container, on the lab with real LXC, against OpenSSH's own client. */
import { join } from "node:path";
import { connect } from "../../lib/cluster/connect.ts";
import { exec } from "../../lib/operations/exec.ts";
import { type LxcLab, startLxcLab } from "../../tests/lab/mod.ts";
import { sshWords } from "../../tests/system/lxc/node_ssh.ts";
import { missingParts } from "../parts.ts";
import { pxrun } from "./pxrun.ts";
import type { NotMeasured, Row } from "./row.ts";
import { medians } from "./time.ts";

const RUNS = 11;
const main = join(import.meta.dirname ?? ".", "../../main.ts");

const files = Array.from({ length: 6 }, (_, i) => `    - { path: /etc/app/${i}, content: "${i}" }`);
/** Ten steps whose checks are those of real recipes, and which nothing has to be fetched for. */
const RECIPE = `container: { hostname: one, template: debian-12 }
provisioning:
  timezone: Europe/Berlin
  packages: [bash, coreutils]
  users: [{ username: dev, groups: [users], shell: /bin/bash }]
  ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1V5uFw4f1X0h1fHq0m9J8m5rWQvXw0rJtI5d0n5p2U a"]
  files:
${files.join("\n")}
`;

const STEPS = 10;

const names = {
  steps: "ten steps that change nothing",
  open: "exec true, on an open connection",
  cold: "exec true, cold",
  process: "exec true, as a process from the sources",
};

/** The one that pxrun takes. OpenSSH's own choice takes longer than all the rest. */
const SAME_KEY_EXCHANGE = ["-o", "KexAlgorithms=curve25519-sha256"];

async function openSsh(
  lab: LxcLab,
  options: readonly string[],
  ...command: string[]
): Promise<void> {
  const [program = "ssh", ...words] = sshWords(lab);
  const { success } = await new Deno.Command(program, {
    args: [...options, ...words, ...command],
    stdin: "null",
    stdout: "null",
    // A connection that stays open keeps it, too.
    stderr: "null",
  }).output();
  if (!success) throw new Error(`ssh ${options.join(" ")} failed`);
}

/** Nothing but the way into the container, by hand. */
function bare(lab: LxcLab, ...options: string[]): Promise<void> {
  const command = "lxc-attach -n 100 --clear-env -- true";
  return openSsh(lab, options, command);
}

/** Provisions again, and makes sure that nothing had to be done. */
async function provisionAgain({ simulator }: LxcLab): Promise<void> {
  const out = await pxrun(simulator, ["provision", "one", "-", "--format", "json"], RECIPE);
  const { changed, unchanged } = JSON.parse(out);
  const steps = unchanged.filter((step: string) => step !== "network").length;
  if (changed.length > 0 || steps !== STEPS) throw new Error(`these are no ten checks: ${out}`);
}

/** pxrun as a user starts it. */
async function started({ simulator }: LxcLab, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", main, ...args],
    env: simulator.env(),
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** `provision` and `exec` against `ssh node lxc-attach … true`. */
export async function inside(): Promise<(Row | NotMeasured)[]> {
  const missing = (await missingParts()).find(({ name }) => name === "lxc");
  if (missing) return Object.values(names).map((name) => ({ name, why: missing.why }));
  await using lab = await startLxcLab("debian-12");
  await pxrun(lab.simulator, ["create", "-", "--yes"], RECIPE);
  const control = ["-S", join(lab.node.directory, "control")];
  await openSsh(lab, ["-f", "-M", "-N", ...control]);
  try {
    await using cluster = await connect(lab.platform());
    const execOpen = async (): Promise<void> => {
      const { code } = await (await exec(cluster, "100", ["true"])).ended;
      if (code !== 0) throw new Error(`exec ended with ${code}`);
    };
    const command = ["exec", "100", "--", "true"];
    const taken = await medians(RUNS, [
      () => bare(lab, ...SAME_KEY_EXCHANGE),
      () => provisionAgain(lab),
      () => pxrun(lab.simulator, command),
      () => bare(lab, ...control),
      execOpen,
      () => bare(lab),
      () => started(lab, command),
    ]);
    const [attached = NaN, steps = NaN, cold = NaN, overOpen = NaN, open = NaN, usual, own] = taken;
    const row = (name: string, measured = NaN, ideal = NaN, budget?: number): Row => {
      return { name, measured, ideal, of: "ratio", unit: "ms", ...(budget && { budget }) };
    };
    return [
      row(names.steps, steps, attached, 2),
      row(names.open, open, overOpen, 1.2),
      row(names.cold, cold, attached, 2),
      row(names.process, own, usual),
    ];
  } finally {
    await openSsh(lab, [...control, "-O", "exit"]);
  }
}
