import type { Program } from "../os/system.ts";
import { readOptions } from "./options.ts";

const uname: Program = async (process) => {
  const { has } = readOptions(process.argv.slice(1), { flags: "asnrvmpio", long: "all" });
  const fields = {
    s: "Linux",
    n: process.env.get("HOSTNAME") ?? "localhost",
    r: "6.14.8-2-pve",
    v: "#1 SMP PREEMPT_DYNAMIC",
    m: "x86_64",
    o: "GNU/Linux",
  };
  const all = has("a", "all");
  const wanted = Object.entries(fields).filter(([flag]) => all || has(flag)).map(([, text]) =>
    text
  );
  await process.out(`${wanted.length > 0 ? wanted.join(" ") : fields.s}\n`);
  return 0;
};

/** Programs that say something about the machine. */
export const ABOUT: Readonly<Record<string, Program>> = {
  uname,
  arch: async (process) => {
    await process.out("x86_64\n");
    return 0;
  },
  nproc: async (process) => {
    await process.out("1\n");
    return 0;
  },
  uptime: async (process) => {
    const seconds = Math.floor((Date.now() - process.system.bootedAt) / 1000);
    await process.out(` up ${seconds} seconds,  load average: 0.00, 0.00, 0.00\n`);
    return 0;
  },
  logger: () => 0,
};

/** What stands in for software that a package brought: it can only say its version. */
export function stub(name: string): Program {
  return async (process) => {
    if (/^-{0,2}v(ersion)?$/i.test(process.argv[1] ?? "")) await process.out(`${name} 1.2.3\n`);
    return 0;
  };
}
