import { Option } from "@commander-js/extra-typings";
import { collect } from "./context.ts";

/** What a container can be. */
const statuses = ["running", "stopped", "unknown"] as const;
type Status = typeof statuses[number];

/** `--tag`, the same on every command that selects containers. */
export function tagOption(): Option<"--tag <tag>", undefined, undefined, readonly string[]> {
  return new Option("--tag <tag>", "those with this tag (again: and that one)").argParser(collect);
}

/** `--node`, likewise. */
export function nodeOption(): Option<"--node <node>"> {
  return new Option("--node <node>", "those on this node");
}

/** `--status`, likewise. */
export function statusOption(): Option<
  "--status <status>",
  undefined,
  undefined,
  undefined,
  false,
  Status
> {
  return new Option("--status <status>", "those in this state").choices(statuses);
}
