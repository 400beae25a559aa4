import { Option } from "@commander-js/extra-typings";
import { collect } from "./context.ts";

/** What a container can be. */
const statuses = ["running", "stopped", "unknown"] as const;
type Status = typeof statuses[number];

/** `-q`: for programs that name containers to others. */
export const QUIET = [
  "-q, --quiet",
  "print only hostnames (VMIDs of containers without a unique one)",
] as const;

/** `--tag`, the same on every command that selects containers. */
export function tagOption(): Option<"--tag <tag>", undefined, undefined, readonly string[]> {
  return new Option("--tag <tag>", "only containers with this tag, repeatable (all must match)")
    .argParser(collect);
}

/** `--node`, likewise. */
export function nodeOption(): Option<"--node <node>"> {
  return new Option("--node <node>", "only containers on this node");
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
  return new Option("--status <status>", "only containers in this state").choices(statuses);
}
