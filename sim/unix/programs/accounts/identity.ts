import { textOf } from "../../os/bytes.ts";
import { credentialsOf, findUser, groupName, userName } from "../../os/accounts.ts";
import type { Program } from "../../os/process.ts";
import { fail, readOptions } from "../options.ts";
import { become } from "../processes.ts";

const id: Program = async (process) => {
  const { tree } = process.system;
  const { operands, has } = readOptions(process, {
    flags: "ugGnrz",
    long: "user group groups name real",
  });
  const [name] = operands;
  const user = name === undefined ? undefined : findUser(tree, name);
  if (name !== undefined && user === undefined) {
    const busybox = process.system.programs.has("busybox");
    return await fail(process, busybox ? `unknown user ${name}` : `'${name}': no such user`);
  }
  const who = user === undefined ? process.who : credentialsOf(tree, user);
  const named = has("n", "name");
  const text = has("u", "user")
    ? named ? userName(tree, who.uid) : String(who.uid)
    : has("g", "group")
    ? named ? groupName(tree, who.gid) : String(who.gid)
    : has("G", "groups")
    ? who.groups.map((gid) => named ? groupName(tree, gid) : String(gid)).join(" ")
    : `uid=${who.uid}(${userName(tree, who.uid)}) gid=${who.gid}(${groupName(tree, who.gid)}) ` +
      `groups=${who.groups.map((gid) => `${gid}(${groupName(tree, gid)})`).join(",")}`;
  await process.out(`${text}\n`);
  return 0;
};

/** `runuser -u USER -- command…`, and `su -p -s SHELL -c COMMAND -- USER args…` as BusyBox has it. */
const su: Program = async (process) => {
  const { operands, value } = readOptions(process, {
    flags: "p",
    valued: "csu",
    stop: true,
  });
  const direct = value("u");
  const [name = direct ?? "", ...args] = direct === undefined ? operands : [direct, ...operands];
  const user = findUser(process.system.tree, name);
  if (user === undefined) return await fail(process, `unknown user ${name}`);
  process.who = credentialsOf(process.system.tree, user);
  if (direct !== undefined) return await become(process, args);
  return await become(process, [value("s") ?? user.shell, "-c", value("c") ?? "", ...args]);
};

/** `getent passwd NAME…` and `getent group NAME…`; what it cannot find makes the status 2. */
export const getentAccounts: Program = async (process) => {
  const [database, ...keys] = process.argv.slice(1);
  const lines = textOf(await process.readFile(`/etc/${database}`)).split("\n");
  const found = keys.flatMap((key) => lines.filter((line) => line.startsWith(`${key}:`)));
  await process.out(found.map((line) => `${line}\n`).join(""));
  return found.length < keys.length ? 2 : 0;
};

/** Programs that say who somebody is, or run something as somebody else. */
export const IDENTITY: Readonly<Record<string, Program>> = { id, su, runuser: su };
