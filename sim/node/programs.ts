import { BASE_PROGRAMS } from "../unix/programs/mod.ts";
import type { Program } from "../unix/os/process.ts";
import type { NodeContext, NodeUser } from "./context.ts";
import { hostPrograms } from "./host.ts";
import { lxcPrograms } from "./lxc.ts";
import { pct } from "./pct/mod.ts";
import { pveam } from "./pveam.ts";
import { pvesh } from "./pvesh.ts";
import { pvesm } from "./pvesm.ts";
import { pveum } from "./pveum.ts";

/** Everything that can be run on a node. */
export function nodePrograms(
  context: NodeContext,
  users: readonly NodeUser[],
): ReadonlyMap<string, Program> {
  return new Map<string, Program>([
    ...BASE_PROGRAMS,
    ...Object.entries({
      ...hostPrograms(context, users),
      ...lxcPrograms(context),
      pct: pct(context),
      pveam: pveam(context),
      pvesh: pvesh(context),
      pvesm: pvesm(context),
      pveum: pveum(context),
    }),
  ]);
}
