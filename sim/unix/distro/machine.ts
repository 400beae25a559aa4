import type { GuestSurroundings } from "../types.ts";
import type { FileTree } from "../os/tree.ts";
import type { Distro } from "./distro.ts";

/** State that the programs of one container share beyond its files. */
export interface Machine {
  readonly distro: Distro;
  readonly around: GuestSurroundings;
  readonly tree: FileTree;
  /** Version by name of each installed package. */
  readonly packages: Map<string, string>;
  /** True if the package manager has its index. */
  indexed: boolean;
  /** Services that run, without their suffix. */
  readonly active: Set<string>;
  /** Locales that were generated, as `locale -a` lists them. */
  readonly locales: Set<string>;
}
