import { Option } from "../../../../deps/commander.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { documented } from "../../app/help/help_page.ts";
import { PARALLEL, QUIET } from "../../app/selectors.ts";
import { collect, readCount } from "../../app/context.ts";

/** `pxrun create [RECIPE…]` */
export function addCreate(root: Root, context: GetContext): void {
  documented(root.command("create"), {
    summary: "create containers from recipes, or from five questions",
    description:
      "Create, start and provision a container. Without a recipe pxrun asks at most five " +
      "questions; flags answer them beforehand, and override a recipe. Several recipes, or one " +
      "with --count, are created side by side.",
    examples: [
      ["pxrun create", "answer five questions"],
      ["pxrun create web.yaml", "create what the recipe describes"],
      ["pxrun create web.yaml --hostname web-2 --cores 4", "override the recipe"],
      ["pxrun create web.yaml --dry-run", "only print the plan"],
      ["pxrun create web.yaml --count 3 --yes", "three, where the hostname is web-{n}"],
    ],
  })
    .argument("[recipes...]", "recipe files, or - for standard input")
    .option(
      "--set <path=value>",
      "set any key of the recipe, repeatable: container.resources.cores=4",
      collect,
    )
    .option("--hostname <name>", "container hostname")
    .option("--node <node>", "node to create it on (default: most free memory)")
    .option("--template <template>", "template: alias (debian-13), file name or volume ID")
    .option("--vmid <vmid>", "VMID (default: next free)")
    .option("--pool <pool>", "pool to add it to")
    .option("--cores <n>", "CPU cores")
    .option("--memory <MiB>", "memory in MiB")
    .option("--swap <MiB>", "swap in MiB")
    .option("--storage <GiB>", "size of the root disk in GiB")
    .option("--storage-pool <storage>", "storage for the root disk (default: most free space)")
    .option("--bridge <bridge>", "bridge of net0 (default: vmbr0)")
    .option("--ip <address>", "dhcp, manual, or address and prefix: 10.0.0.5/24")
    .option("--gateway <address>", "gateway for a fixed address")
    .option("--ssh-key <key>", "public key for root, or its file, repeatable", collect)
    .option("--tag <tag>", "tag to add, repeatable", collect)
    .option("--no-start", "do not start it, and so do not provision it")
    .option("--no-provision", "do not provision it")
    .option("--make-directories", "create the node's directories that bind mounts need")
    .option("--allow-duplicate", "create it even if another container has this hostname")
    .option("--save <file>", "write the recipe that is used to a file, unless it exists")
    .option("--dry-run", "only print the plan")
    .option("-y, --yes", "do not ask")
    .option(...QUIET)
    .addOption(
      new Option("--on-failure <what>", "keep it (default) or destroy it when provisioning fails")
        .choices(["keep", "destroy"] as const),
    )
    .option("--count <n>", "number of containers per recipe; {n} in the hostname counts", readCount)
    .option(...PARALLEL)
    .option("--fail-fast", "start no further container after a failure")
    .action(async (recipes, flags) =>
      await (await import("./run_create.ts")).runCreate({ ...flags, recipes }, context())
    );
}
