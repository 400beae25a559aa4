import type { Route } from "../route.ts";
import { ACCESS } from "./access.ts";
import { ACCOUNTS } from "./accounts.ts";
import { CLUSTER } from "./cluster.ts";
import { LXC } from "./lxc.ts";
import { LXC_CONFIG } from "./lxc_config.ts";
import { LXC_SNAPSHOT } from "./lxc_snapshot.ts";
import { LXC_STATUS } from "./lxc_status.ts";
import { NODES } from "./nodes.ts";
import { POOLS } from "./pools.ts";
import { STORAGE } from "./storage.ts";
import { TASKS } from "./tasks.ts";

/** Everything that the simulated API answers, one file per subtree. */
export const ROUTES: readonly Route[] = [
  ...ACCESS,
  ...ACCOUNTS,
  ...CLUSTER,
  ...NODES,
  ...STORAGE,
  ...LXC,
  ...LXC_CONFIG,
  ...LXC_STATUS,
  ...LXC_SNAPSHOT,
  ...TASKS,
  ...POOLS,
];
