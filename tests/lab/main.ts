/**
 * `deno task lab [SYSTEM…]`: a lab to try things on until Ctrl-C. Prints the export lines that point
 * pxrun at it.
 */
import { quote } from "../../lib/core/argv.ts";
import { missingParts } from "../../tasks/parts.ts";
import { startLxcLab } from "./mod.ts";
import { isSystem, systems } from "./templates.ts";

const wanted = Deno.args.length > 0 ? Deno.args : ["debian-12"];
const unknown = wanted.filter((word) => !isSystem(word));
const missing = (await missingParts()).find(({ name }) => name === "lxc");
if (unknown.length > 0) {
  console.error(`there is no system ${unknown.join(", ")}; there are ${systems.join(", ")}`);
  Deno.exitCode = 2;
} else if (missing) {
  console.error(`the lab cannot run here: ${missing.why}`);
  Deno.exitCode = 1;
} else {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  });
  console.error(`starting a lab with ${wanted.join(", ")}; a template is made once, in minutes`);
  const lab = await startLxcLab(...wanted.filter(isSystem));
  for (const [name, value] of Object.entries(lab.simulator.env())) {
    console.log(`export ${name}=${quote(value)}`);
  }
  console.error(`lab at ${lab.simulator.url}, files in ${lab.node.directory}; Ctrl-C ends it
inside the node: nsenter --target ${lab.node.pid} --mount --net --uts --ipc --pid --cgroup`);
  await stopped;
  await lab[Symbol.asyncDispose]();
  // Signal listeners would keep the process.
  Deno.exit();
}
