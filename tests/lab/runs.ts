import { basename, join } from "node:path";

const prefix = "pxrun-lab-";
const temporary = Deno.env.get("TMPDIR") || "/tmp";

/** What one lab has on this machine outside its own namespaces. */
export interface Run {
  readonly directory: string;
  /** Removes the directory and the control group. */
  release(): Promise<void>;
}

/** Where the unified hierarchy of control groups is mounted. */
export async function cgroupRoot(): Promise<string> {
  const mounts = await Deno.readTextFile("/proc/self/mounts");
  const root = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
  if (root === undefined) throw new Error("no cgroup2 is mounted on this machine");
  return root;
}

/** Where labs keep what outlives them: templates, and the lock that keeps them apart. */
export async function cacheDirectory(): Promise<string> {
  const { XDG_CACHE_HOME, HOME = "/root" } = Deno.env.toObject();
  const directory = join(XDG_CACHE_HOME || join(HOME, ".cache"), "pxrun", "lab");
  await Deno.mkdir(directory, { recursive: true });
  return directory;
}

/** Does something that no other lab of this user's does at the same time. */
export async function exclusively<T>(what: string, work: () => Promise<T>): Promise<T> {
  using lock = await Deno.open(join(await cacheDirectory(), `${what}.lock`), LOCK);
  await lock.lock(true);
  return await work();
}

const LOCK = { create: true, write: true } as const;

/** Makes the directory and the control group of a new lab, and removes what dead labs left. */
export function claimRun(): Promise<Run> {
  return exclusively("runs", async () => {
    const groups = await cgroupRoot();
    await removeDead(groups);
    const directory = await Deno.makeTempDir({ dir: temporary, prefix });
    await Deno.chmod(directory, 0o755);
    // Held as long as this process lives, however it ends.
    const lock = await Deno.open(`${directory}/lock`, LOCK);
    await lock.lock(true);
    const group = join(groups, basename(directory));
    await Deno.mkdir(group);
    return {
      directory,
      release: () =>
        exclusively("runs", async () => {
          await removeGroup(group);
          await Deno.remove(directory, { recursive: true });
          lock.close();
        }),
    };
  });
}

async function removeDead(groups: string): Promise<void> {
  const found = await Promise.all([names(temporary), names(groups)]);
  for (const name of new Set(found.flat())) {
    const directory = join(temporary, name);
    if (await isAlive(directory)) continue;
    // Its processes ended with its owner; this is for one that is just about to.
    await removeGroup(join(groups, name));
    await Deno.remove(directory, { recursive: true }).catch(ignoreMissing);
  }
}

async function names(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    if (name.startsWith(prefix)) found.push(name);
  }
  return found;
}

async function isAlive(directory: string): Promise<boolean> {
  try {
    using lock = await Deno.open(`${directory}/lock`, { write: true });
    return !await lock.tryLock(true);
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

/** Ends what runs in a control group, and removes it with those below it. */
async function removeGroup(group: string): Promise<void> {
  try {
    await Deno.writeTextFile(join(group, "cgroup.kill"), "1");
  } catch (error) {
    return ignoreMissing(error);
  }
  const remove = async (path: string): Promise<void> => {
    for await (const entry of Deno.readDir(path)) {
      if (entry.isDirectory) await remove(join(path, entry.name));
    }
    // A process that was killed is in its group until it is gone.
    for (let tries = 0;; tries++) {
      try {
        return await Deno.remove(path);
      } catch (error) {
        if (tries === 6_000) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  await remove(group);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
