import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun doctor` */
export function addDoctor(root: Root, context: GetContext): void {
  documented(root.command("doctor"), {
    summary: "diagnose configuration and connectivity",
    description:
      "Check all that a create needs: config file and sops, the route to the API and its " +
      "certificate, the login and its rights, storages, bridges, SSH to every node. Nothing is " +
      "changed. --verbose shows every setting and its origin (a flag overrides the environment, " +
      "which overrides the config file). Exit status 1 if a check fails.",
    examples: [
      ["pxrun doctor", "check everything, with a remedy for each problem"],
      ["pxrun doctor --verbose", "with every setting and its origin"],
      ["pxrun doctor --json", "the findings as data"],
    ],
  }).action(async () => await (await import("./run_doctor.ts")).runDoctor(context()));
}
