import {
  credentialsOf,
  findGroup,
  findUser,
  groupName,
  groups,
  userName,
  users,
} from "../os/accounts.ts";
import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions } from "./options.ts";

const id: Program = async (process) => {
  const { tree } = process.system;
  const { operands, has } = readOptions(process.argv.slice(1), {
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

/** `su [-] [user] [-c command]` and `runuser [-u user -- command…]`. */
const su: Program = async (process) => {
  const given = process.argv.slice(1);
  const { operands, has, value } = readOptions(given.filter((word) => word !== "-"), {
    flags: "lmpf",
    valued: "csgGu",
    long: "login preserve-environment",
    longValued: "command shell group user",
    stop: value0(process) === "runuser" && given.includes("-u"),
  });
  const direct = value("u", "user");
  const name = direct ?? operands[0] ?? "root";
  const user = findUser(process.system.tree, name);
  if (user === undefined) {
    return await fail(
      process,
      `user ${name} does not exist or the user entry does not contain all the required fields`,
    );
  }
  if (process.who.uid !== 0 && process.who.uid !== user.uid) {
    return await fail(process, "Authentication failure");
  }
  process.who = credentialsOf(process.system.tree, user);
  if (direct !== undefined) return await run(process, operands);
  const login = given.includes("-") || has("l", "login");
  const shell = value("s", "shell") ?? user.shell;
  const { env } = process;
  if (login) {
    const term = env.get("TERM");
    env.clear();
    if (term !== undefined) env.set("TERM", term);
    env.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    process.cwd = process.system.tree.find(user.home)?.kind === "dir" ? user.home : "/";
  }
  if (!has("m", "p", "preserve-environment")) {
    env.set("HOME", user.home);
    env.set("SHELL", shell);
    if (user.uid !== 0 || login) {
      env.set("USER", user.name);
      env.set("LOGNAME", user.name);
    }
  }
  const command = value("c", "command");
  const flags = [...(login ? ["-l"] : []), ...(command === undefined ? [] : ["-c", command])];
  return await run(process, [shell, ...flags, ...operands.slice(1)]);
};

function value0(process: Process): string {
  return process.argv[0]?.split("/").at(-1) ?? "";
}

async function run(process: Process, argv: readonly string[]): Promise<number> {
  try {
    return await process.system.become(process, argv);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const status = error.code === "ENOENT" ? 127 : 126;
    return await fail(process, `failed to execute ${argv[0]}: ${error.message}`, status);
  }
}

/** `getent passwd|group …`; what it cannot find makes the status 2. */
export const getentAccounts: Program = async (process) => {
  const [database, ...keys] = process.argv.slice(1);
  const { tree } = process.system;
  const lines = database === "passwd"
    ? (keys.length === 0 ? users(tree) : keys.map((key) => findUser(tree, key))).map((user) =>
      user && `${user.name}:x:${user.uid}:${user.gid}:${user.gecos}:${user.home}:${user.shell}`
    )
    : (keys.length === 0 ? groups(tree) : keys.map((key) => findGroup(tree, key))).map((group) =>
      group && `${group.name}:x:${group.gid}:${group.members.join(",")}`
    );
  for (const line of lines) if (line !== undefined) await process.out(`${line}\n`);
  return lines.includes(undefined) ? 2 : 0;
};

/** Programs that say who somebody is, or run something as somebody else. */
export const IDENTITY: Readonly<Record<string, Program>> = {
  id,
  whoami: async (process) => {
    await process.out(`${userName(process.system.tree, process.who.uid)}\n`);
    return 0;
  },
  groups: async (process) => {
    const { tree } = process.system;
    const user = findUser(tree, process.argv[1] ?? String(process.who.uid));
    if (user === undefined) return await fail(process, `'${process.argv[1]}': no such user`);
    const names = credentialsOf(tree, user).groups.map((gid) => groupName(tree, gid));
    await process.out(`${names.join(" ")}\n`);
    return 0;
  },
  su,
  runuser: su,
};
