import type { Platform } from "../../core/platform.ts";
import { type NamedContainer, sameHostname } from "../../cluster/guests/names.ts";
import type { NodeFacts } from "../../plan/snapshot.ts";
import { aliases, resolveTemplate } from "../../plan/template.ts";
import { InvalidRecipe, type Override, recipeFromOverrides } from "../../recipe/mod.ts";
import { type PromptOptions, WentBack } from "./prompt.ts";
import { ask, type Choice, choose, confirm } from "./prompts.ts";
import type { FoundKey } from "./ssh_keys.ts";

/** Values to choose from. */
export interface Offers {
  /** The nodes of the cluster. */
  readonly nodes: readonly NodeFacts[];
  /** Containers, whose hostnames are taken. */
  readonly containers: readonly NamedContainer[];
  /** The user's own public keys. */
  readonly keys: readonly FoundKey[];
  /** The templates to choose from where no node lists its own. */
  readonly aliases?: readonly string[];
}

/** Options for the questions: what is known beforehand. */
export interface Asking {
  /** True if a flag or a setting gives the value of a path. */
  isSet(path: string): boolean;
  /** True for only what a plan cannot do without. */
  readonly brief?: boolean | undefined;
  /** True if a hostname may be that of another container. */
  readonly allowDuplicate?: boolean | undefined;
  /** True if the hostname is that of several, with `{n}` in it. */
  readonly several?: boolean | undefined;
}

/** One question, asked again with the answer that was given before. */
type Question = (before: readonly Override[], options: PromptOptions) => Promise<Override[]>;

/** The questions for a recipe. Esc goes back one, also from what follows them. */
export interface Questions {
  /**
   * Asks what was not answered yet; after a first time only the last one again.
   *
   * @returns All answers.
   */
  ask(signal?: AbortSignal): Promise<Override[]>;
}

/** The questions for a recipe: hostname, template, size, SSH key. What is set is not asked. */
export function recipeQuestions(platform: Platform, offers: Offers, asking: Asking): Questions {
  const questions: Question[] = [
    ...(asking.isSet("container.hostname") ? [] : [hostname(platform, offers, asking)]),
    ...(asking.isSet("container.template") ? [] : [template(platform, offers)]),
    ...(asking.brief ? [] : [...size(platform, asking), ...sshKey(platform, offers, asking)]),
  ];
  const answers: Override[][] = [];
  return {
    async ask(signal) {
      let at = Math.min(answers.length, Math.max(0, questions.length - 1));
      for (let question; (question = questions[at]) !== undefined;) {
        try {
          answers[at] = await question(answers[at] ?? [], { signal, back: at > 0 });
          at++;
        } catch (error) {
          if (!(error instanceof WentBack)) throw error;
          at--;
        }
      }
      return answers.flat();
    },
  };
}

function answer(path: string, value: unknown): Override {
  return { path, value, source: "your answer" };
}

function textOf(answer: Override | undefined): string | undefined {
  return answer && String(answer.value);
}

/** The objection of the recipe's own rules to a value. */
function refusal(path: string, value: string, several = false): string | undefined {
  const usual = [answer("container.hostname", "a"), answer("container.template", "b")];
  try {
    const number = several ? 1 : undefined;
    recipeFromOverrides([...usual, answer(path, value)], { env: {}, number });
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidRecipe)) throw error;
    const problem = error.problems[0];
    // Which value it is about is seen.
    const message = problem?.message.replace(/^\S+ is .*?; (?=it )/, "");
    return problem && [message, ...(problem.hint ? [problem.hint] : [])].join("; ");
  }
}

function hostname(platform: Platform, { containers }: Offers, asking: Asking): Question {
  const check = (text: string): string | undefined => {
    const problem = refusal("container.hostname", text, asking.several);
    if (problem !== undefined) return problem;
    if (asking.allowDuplicate || asking.several) return undefined;
    const twin = containers.find(({ name }) => sameHostname(name, text));
    return twin && `container ${text} already exists: ${twin.vmid} on ${twin.node}`;
  };
  return async ([before], options) => {
    const initial = textOf(before);
    const text = await ask(platform, "Hostname", check, { initial, ...options });
    return [answer("container.hostname", text)];
  };
}

function template(platform: Platform, { nodes, aliases = [] }: Offers): Question {
  const offered = templateChoices(nodes.filter((node) => node.online));
  const choices = offered.length > 0 ? offered : aliases.map((value) => ({ value }));
  return async ([before], options) => {
    const path = "container.template";
    if (choices.length === 0) {
      const check = (text: string): string | undefined => refusal(path, text);
      const initial = textOf(before);
      return [answer(path, await ask(platform, "Template", check, { initial, ...options }))];
    }
    // What was chosen before comes first.
    const first = choices.filter(({ value }) => value === before?.value);
    const others = choices.filter(({ value }) => value !== before?.value);
    return [answer(path, await choose(platform, "Template", [...first, ...others], options))];
  };
}

/** The parts of a container's size, as one answer gives them. */
const SIZE = [
  { path: "container.resources.cores", name: "cores", usual: 2 },
  { path: "container.resources.memory", name: "memory in MiB", usual: 1024 },
  { path: "container.resources.storage", name: "disk in GiB", usual: 10 },
] as const;

function size(platform: Platform, { isSet }: Asking): Question[] {
  const parts = SIZE.filter(({ path }) => !isSet(path));
  if (parts.length === 0) return [];
  const names = parts.map(({ name }) => name).join(", ");
  const usual = parts.map(({ usual }) => usual).join("/");
  const read = (text: string): string[] => text.trim().split(/[\s,/]+/);
  const check = (text: string): string | undefined => {
    const values = read(text);
    if (values.length !== parts.length || !values.every((value) => /^\d+$/.test(value))) {
      return `${parts.length === 1 ? "a whole number" : "whole numbers"}, as in ${usual}`;
    }
    return parts.map(({ path }, i) => refusal(path, values[i] ?? "")).find(Boolean);
  };
  const message = names.charAt(0).toUpperCase() + names.slice(1);
  return [async (before, options) => {
    const initial = before.length === 0 ? usual : before.map(({ value }) => value).join("/");
    const values = read(await ask(platform, message, check, { initial, ...options }));
    return parts.map(({ path }, i) => answer(path, Number(values[i])));
  }];
}

/** Without a key the container is reached only through its node. */
function sshKey(platform: Platform, { keys }: Offers, { isSet }: Asking): Question[] {
  const path = "provisioning.ssh_keys[+]";
  const [first, ...others] = keys;
  if (first === undefined || isSet(path)) return [];
  const given = ({ key }: FoundKey): Override[] => [answer(path, key)];
  if (others.length === 0) {
    const named = first.note === undefined ? first.value : `${first.value} ${first.note}`;
    return [
      async (_, options) =>
        await confirm(platform, `SSH key for root: ${named}?`, true, options) ? given(first) : [],
    ];
  }
  return [async (_, options) => {
    const choices = [...keys, { value: "none", note: "no login by SSH" }];
    const chosen = await choose(platform, "SSH key for root", choices, options);
    return keys.filter(({ value }) => value === chosen).slice(0, 1).flatMap(given);
  }];
}

/** Local templates first, the newest Debian before all; then those that can be downloaded. */
function templateChoices(nodes: readonly NodeFacts[]): Choice[] {
  // What a create would refuse is not offered.
  const usable = (alias: string): boolean =>
    nodes.some((node) => resolveTemplate(alias, node) !== undefined);
  const local = aliases(nodes.flatMap((node) => node.templates.map(({ file }) => file)))
    .filter(usable);
  const index = aliases(nodes.flatMap((node) => node.index))
    .filter((alias) => !local.includes(alias) && usable(alias));
  const debianFirst = (names: readonly string[]): string[] => {
    const newest = names.toReversed();
    const isDebian = (name: string): boolean => name.startsWith("debian-");
    return [...newest.filter(isDebian), ...newest.filter((name) => !isDebian(name))];
  };
  return [
    ...debianFirst(local).map((value) => ({ value })),
    ...debianFirst(index).map((value) => ({ value, note: "downloaded first" })),
  ];
}
