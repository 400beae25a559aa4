/** What was seen of a process and all those that it started. */
export interface SeenProcesses {
  /** Every argument vector, one word a line. */
  readonly arguments: string;
  /** Every `NAME=value` of their environments. */
  readonly variables: string;
}

/** Looks at a process of this machine and all below it, again and again. Linux only. */
export function watchProcesses(pid: number): { stop(): Promise<SeenProcesses> } {
  const argvs = new Set<string>();
  const variables = new Set<string>();
  let watching = true;
  const look = async (pid: number): Promise<void> => {
    const words = async (name: string): Promise<string[]> =>
      (await Deno.readTextFile(`/proc/${pid}/${name}`).catch(() => "")).split("\0");
    argvs.add((await words("cmdline")).join("\n"));
    for (const variable of await words("environ")) variables.add(variable);
    await Promise.all((await childrenOf(pid)).map(look));
  };
  const done = (async () => {
    while (watching) {
      await look(pid);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  return {
    async stop() {
      watching = false;
      await done;
      return { arguments: [...argvs].join("\n\n"), variables: [...variables].join("\n") };
    },
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`);
      found.push(...text.split(" ").filter((word) => word !== "").map(Number));
    }
  } catch (error) {
    // It has ended.
    if (!(error instanceof Deno.errors.NotFound) && !/ESRCH|No such process/.test(`${error}`)) {
      throw error;
    }
  }
  return found;
}
