import type { Machine } from "../distro/machine.ts";
import { groups, writeGroups } from "../os/accounts.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { FileTree } from "../os/tree.ts";
import { fail } from "./options.ts";

const VERSION = "1.2.3";

/** Docker's client; its daemon is the service `docker`, and needs nesting to start a container. */
export function dockerProgram(machine: Machine): Program {
  const images = new Set<string>();
  return async (process) => {
    const [command = "", ...words] = process.argv.slice(1);
    if (command === "compose") return await compose(machine, process);
    if (!machine.active.has("docker")) {
      return await fail(
        process,
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?",
      );
    }
    switch (command) {
      case "version":
        await process.out(words.includes("--format") ? `${VERSION}\n` : `Version: ${VERSION}\n`);
        return 0;
      case "info":
        await process.out(words.includes("--format") ? "overlay2\n" : "Storage Driver: overlay2\n");
        return 0;
      case "import": {
        const { length } = await process.readAll();
        if (length === 0) return await fail(process, "the archive is empty");
        images.add(words[1] ?? "");
        await process.out(`sha256:${"0".repeat(64)}\n`);
        return 0;
      }
      case "rmi":
        return images.delete(words.at(-1) ?? "") ? 0 : await fail(process, "No such image");
      case "run":
        return await run(machine, process, images, words.filter((word) => !word.startsWith("-")));
      default:
        return await fail(process, `'${command}' is not a docker command`);
    }
  };
}

async function compose(machine: Machine, process: Process): Promise<number> {
  const names = ["docker-cli-compose", "docker-compose", "docker-compose-v2"];
  if (!names.some((name) => machine.packages.has(name))) {
    return await fail(process, "'compose' is not a docker command");
  }
  await process.out(`Docker Compose version ${VERSION}\n`);
  return 0;
}

async function run(
  machine: Machine,
  process: Process,
  images: ReadonlySet<string>,
  [image = ""]: readonly string[],
): Promise<number> {
  if (!images.has(image)) {
    return await fail(process, `Unable to find image '${image}' locally`, 125);
  }
  if (!/nesting=1/.test(machine.around.config?.()["features"] ?? "")) {
    return await fail(
      process,
      "Error response from daemon: failed to create task: OCI runtime create failed: runc create " +
        "failed: error mounting proc: operation not permitted: unknown.",
      125,
    );
  }
  return 0;
}

/** The group that Docker's packages make. */
export function addDockerGroup(tree: FileTree): void {
  const all = groups(tree);
  if (all.some(({ name }) => name === "docker")) return;
  writeGroups(tree, [...all, { name: "docker", gid: 989, members: [] }]);
}
