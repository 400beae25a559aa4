import type { Machine } from "../../distro/machine.ts";
import { toByteString } from "../../os/bytes.ts";
import type { Process, Program } from "../../os/process.ts";
import { getentAccounts } from "../accounts/identity.ts";

/** An address for a name: made up, once the resolver answers. */
function resolve(machine: Machine, name: string): string | undefined {
  if (!machine.around.namesResolve() || /\.invalid$/.test(name)) return undefined;
  const sum = [...name].reduce((total, char) => (total * 31 + char.charCodeAt(0)) % 254, 7);
  return `198.51.100.${sum + 1}`;
}

/** `getent passwd`, `getent group`, and `getent ahosts`. */
async function getent(machine: Machine, process: Process): Promise<number> {
  const [database = "", ...names] = process.argv.slice(1);
  if (/^(passwd|group)$/.test(database)) return await getentAccounts(process);
  if (database !== "ahosts") return 2;
  for (const name of names) {
    const address = resolve(machine, name);
    if (address === undefined) return 2;
    await process.out(`${address.padEnd(15)} STREAM ${name}\n`);
  }
  return 0;
}

async function hostname({ around }: Machine, process: Process): Promise<number> {
  const text = process.argv.includes("-I")
    ? around.addresses().filter(({ name }) => name !== "lo").map(({ address }) =>
      `${address.split("/")[0]} `
    ).join("")
    : toByteString(around.hostname());
  await process.out(`${text}\n`);
  return 0;
}

/** Programs about names, as they resolve at the time of asking. */
export function namePrograms(machine: Machine): Record<string, Program> {
  return {
    getent: (process) => getent(machine, process),
    hostname: (process) => hostname(machine, process),
  };
}
