import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";
import { PxrunError } from "../../core/errors.ts";

interface Options {
  readonly printEnv?: true | undefined;
  readonly port: string;
}

/** What a small node with local disks takes, in milliseconds. */
const timings = {
  createMs: 2_200,
  startMs: 1_400,
  stopMs: 1_000,
  destroyMs: 300,
  downloadMs: 3_000,
  otherMs: 500,
  linkMs: 500,
  dhcpMs: 2_200,
  dnsMs: 300,
  resourcesLagMs: 5_000,
  authFailureMs: 3_000,
};

/** `pxrun simulator` */
export function addSimulator(root: Root, context: GetContext): void {
  root.command("simulator")
    .summary("an embedded two-node cluster to try things on")
    .description(
      "Runs a simulated Proxmox VE cluster on this machine until Ctrl-C: a REST API over " +
        "TLS, and SSH to its nodes. Nothing in it is real, and nothing else is needed.",
    )
    .option("--print-env", "print the export lines that point pxrun at it")
    .option("--port <port>", "the API's port; 0 for any free one", "0")
    .action((options) => run(options, context()));
}

async function run({ printEnv, port }: Options, { world }: Context): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new PxrunError("USAGE", `--port cannot be ${port}`, { hint: "a number up to 65535" });
  }
  const { quote } = await import("../../core/argv.ts");
  const { startSimulator } = await import("../../sim/mod.ts");
  await interruptible(world, "the simulator", async (signal) => {
    await using simulator = await startSimulator({ port: Number(port), timings });
    const lines = Object.entries(simulator.env())
      .map(([name, value]) => `export ${name}=${quote(value)}\n`).join("");
    if (printEnv) world.terminal.out(lines);
    world.terminal.err(
      `simulated cluster at ${simulator.url}; Ctrl-C ends it` +
        `${printEnv ? "" : "; --print-env shows how to point pxrun at it"}\n`,
    );
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  });
}
