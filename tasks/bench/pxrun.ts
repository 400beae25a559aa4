import { runCli } from "../../lib/cli/app/run.ts";
import { demoPreset, type Simulator } from "../../sim/mod.ts";
import { testPlatform } from "../../tests/support/platform.ts";

/** Durations of a small node with local disks, in milliseconds, as `pxrun simulator` has it. */
export const timings = {
  createMs: 2_200,
  startMs: 1_400,
  stopMs: 1_000,
  destroyMs: 300,
  linkMs: 500,
  dhcpMs: 2_200,
};

/** Runs a command line in this process, and gives its output; fails when it does. */
export async function pxrun(
  simulator: Pick<Simulator, "env">,
  args: readonly string[],
  stdin = "",
): Promise<string> {
  const platform = testPlatform({ env: simulator.env(), stdin });
  const status = await runCli(args, platform);
  if (status !== 0) throw new Error(`pxrun ${args.join(" ")}: ${status}\n${platform.stderr()}`);
  return platform.stdout();
}

/** The demo cluster with many nodes and containers. */
export function presetWithNodes(count: number): ReturnType<typeof demoPreset> {
  const preset = demoPreset();
  const [first] = preset.nodes;
  if (first === undefined) throw new TypeError("the demo has nodes");
  const nodes = Array.from({ length: count }, (_, i) => ({
    ...first,
    name: `pve${String(i + 1).padStart(2, "0")}`,
    ip: `10.77.0.${i + 11}`,
  }));
  return { ...preset, nodes };
}
