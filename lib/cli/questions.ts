import type { World } from "../core/world.ts";
import type { NodeFacts } from "../lifecycle/snapshot.ts";
import { aliases, resolveTemplate } from "../lifecycle/template.ts";
import type { Override } from "../recipe/mod.ts";
import { bytes } from "../render/units.ts";
import { ask, type Choice, choose } from "./prompts.ts";

const hostnamePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

function answer(path: string, value: unknown): Override {
  return { path, value, source: "your answer" };
}

/**
 * The questions of `create`: hostname, node where there is a choice, template, resources.
 * What a flag has answered is not asked. The plan's confirmation is the fifth.
 *
 * @param nodes What the cluster offers.
 * @param isSet Whether a flag gives the value of a path.
 */
export async function askForRecipe(
  world: World,
  nodes: readonly NodeFacts[],
  isSet: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<Override[]> {
  const asking = signal === undefined ? {} : { signal };
  const answers: Override[] = [];
  if (!isSet("container.hostname")) {
    const name = await ask(
      world,
      "Hostname",
      (text) => hostnamePattern.test(text) ? undefined : "letters, digits and hyphens, as in web-1",
      asking,
    );
    answers.push(answer("container.hostname", name));
  }
  const online = nodes.filter((node) => node.online);
  if (!isSet("container.node") && online.length > 1) {
    const node = await choose(world, "Node", [
      { value: "any", note: "the freest" },
      ...online.map(nodeChoice),
    ], signal);
    if (node !== "any") answers.push(answer("container.node", node));
  }
  if (!isSet("container.template")) {
    const node = answers.find((one) => one.path === "container.node")?.value;
    const offering = online.filter((one) => node === undefined || one.node === node);
    const choices = templateChoices(offering);
    const template = choices.length > 0
      ? await choose(world, "Template", choices, signal)
      : await ask(world, "Template", (text) =>
        text === "" ? "a file name or volid" : undefined, asking);
    answers.push(answer("container.template", template));
  }
  const paths = ["cores", "memory", "storage"].map((key) => `container.resources.${key}`);
  if (!paths.some(isSet)) {
    const text = await ask(
      world,
      "Cores, memory in MB, disk in GB",
      (typed) => readResources(typed) ? undefined : "three whole numbers, as in 2 1024 10",
      { initial: "2 1024 10", ...asking },
    );
    const values = readResources(text) ?? [];
    answers.push(...values.map((value, i) => answer(paths[i] ?? "", value)));
  }
  return answers;
}

function readResources(text: string): number[] | undefined {
  const numbers = text.trim().split(/[\s,/]+/).map(Number);
  const fine = numbers.length === 3 && numbers.every((n) => Number.isInteger(n) && n > 0);
  return fine ? numbers : undefined;
}

function nodeChoice({ node, freeMemory }: NodeFacts): Choice {
  return freeMemory === undefined
    ? { value: node }
    : { value: node, note: `${bytes(freeMemory)} memory free` };
}

/** The aliases of what is there first, then of what can be downloaded. */
function templateChoices(nodes: readonly NodeFacts[]): Choice[] {
  const local = aliases(nodes.flatMap((node) => node.templates.map(({ file }) => file)));
  const index = aliases(nodes.flatMap((node) => node.index))
    .filter((alias) => !local.includes(alias))
    .filter((alias) => nodes.some((node) => resolveTemplate(alias, node) !== undefined));
  return [
    ...local.toReversed().map((value) => ({ value })),
    ...index.toReversed().map((value) => ({ value, note: "downloaded first" })),
  ];
}
