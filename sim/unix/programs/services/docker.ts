import type { Machine } from "../../distro/machine.ts";
import { groups, writeGroups } from "../../os/accounts.ts";
import type { Process, Program } from "../../os/process.ts";
import type { FileTree } from "../../os/tree.ts";
import { LeftOut } from "../../not_here.ts";
import { fail } from "../options.ts";

const VERSION = "1.2.3";

/** Docker's client, whose daemon takes and starts images. */
export function dockerProgram(machine: Machine): Program {
  const images = new Set<string>();
  return async (process) => {
    const [command = "", ...words] = process.argv.slice(1);
    if (command === "compose") return await compose(machine, process);
    switch (command) {
      case "version":
        await process.out(words.includes("--format") ? `${VERSION}\n` : `Version: ${VERSION}\n`);
        return 0;
      case "info":
        await process.out(words.includes("--format") ? "overlay2\n" : "Storage Driver: overlay2\n");
        return 0;
      case "import": {
        await process.readAll();
        images.add(words[1] ?? "");
        await process.out(`sha256:${"0".repeat(64)}\n`);
        return 0;
      }
      case "rmi":
        return images.delete(words.at(-1) ?? "") ? 0 : await fail(process, "No such image");
      case "run":
        return images.has(words.find((word) => !word.startsWith("-")) ?? "") ? 0 : 125;
      default:
        throw new LeftOut(`docker ${command}`);
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

/** The group that Docker's packages make. */
export function addDockerGroup(tree: FileTree): void {
  writeGroups(tree, [...groups(tree), { name: "docker", gid: 989, members: [] }]);
}
