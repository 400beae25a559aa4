import type { Env } from "../../../core/platform.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { documented } from "../../app/help/help_page.ts";
import { PxrunError } from "../../../core/errors.ts";
import { type Context, interruptible } from "../../app/context.ts";

/** Recipe of the demo. */
const recipe = `version: "1.0"
container:
  hostname: demo-web
  template: debian-13
  resources: { cores: 2, memory: 1024, storage: 8 }
  tags: [demo]
provisioning:
  packages: [nginx, curl]
  files:
    - path: /var/www/html/index.html
      content: "<h1>made by pxrun</h1>\\n"
  scripts:
    - name: start the web server
      content: systemctl enable --now nginx
`;

/** Commands of the demo. */
const COMMANDS = [
  ["create", "-", "--yes"],
  ["list", "--ips"],
  ["destroy", "demo-web", "--yes"],
  ["list"],
];

/** `pxrun demo` */
export function addDemo(root: Root, context: GetContext): void {
  documented(root.command("demo"), {
    summary: "create, provision, list and destroy on an embedded cluster",
    description:
      "Start a simulated cluster of two nodes in this process, create a container on it from " +
      "a recipe, provision, list and destroy it. Everything goes over real TLS and SSH.",
    examples: [
      ["pxrun demo", "from nothing to a provisioned container in half a minute"],
      ["pxrun demo --verbose", "with the output of each command"],
    ],
  }).action(() => run(context()));
}

/** The environment without what leads to the user's own clusters, or through a proxy to them. */
function withoutClusters(env: Env): Env {
  const others = /^(PROXMOX|PXRUN|TAILSCALE)_|^SSH_USER$|_proxy$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !others.test(name)));
}

async function run({ platform, verbose, debug, runCli }: Context): Promise<void> {
  const { startSimulator } = await import("../../../../sim/mod.ts");
  const { errStyle } = await import("../../app/colors.ts");
  const style = errStyle({ platform });
  const shared = [...(verbose ? ["--verbose"] : []), ...(debug ? ["--debug"] : [])];
  await interruptible(platform, "the demo", async (signal) => {
    await using simulator = await startSimulator();
    const inside = {
      ...platform,
      env: { ...withoutClusters(platform.env), ...simulator.env(), PXRUN_CONFIG: "" },
      terminal: {
        ...platform.terminal,
        interactive: false,
        readStdin: () => Promise.resolve(new TextEncoder().encode(recipe)),
      },
    };
    platform.terminal.err(
      `A simulated cluster of two nodes runs in this process, at ${simulator.url}.\n` +
        `The recipe:\n\n${style.dim(recipe.replace(/^/gm, "  ").trimEnd())}\n`,
    );
    for (const args of COMMANDS) {
      signal.throwIfAborted();
      const shown = args.map((arg) => arg === "-" ? "demo.yaml" : arg).join(" ");
      platform.terminal.err(`\n${style.bold(`$ pxrun ${shown}`)}\n`);
      const status = await runCli([...shared, ...args], inside);
      signal.throwIfAborted();
      if (status !== 0) {
        throw new PxrunError("FAILED", `the demo ended early: ${shown} exited with ${status}`);
      }
    }
  });
}
