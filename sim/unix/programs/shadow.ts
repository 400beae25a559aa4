import {
  findGroup,
  findUser,
  groups,
  type User,
  users,
  writeGroups,
  writePassword,
  writeUsers,
} from "../os/accounts.ts";
import type { Program } from "../os/system.ts";
import { textOf } from "../os/bytes.ts";
import { fail, type Options, readOptions } from "./options.ts";
import { addGroup, addUser, join } from "./account_changes.ts";

const USERADD = {
  flags: "mMrUNDo",
  valued: "sdugGcpkeK",
  long: "create-home no-create-home system user-group no-user-group",
  longValued: "shell home-dir uid gid groups comment password skel base-dir",
};

function groupList(options: Options): readonly string[] {
  return options.values("G", "groups").flatMap((text) => text.split(",")).filter((name) =>
    name !== ""
  );
}

const useradd: Program = async (process) => {
  const options = readOptions(process.argv.slice(1), USERADD);
  const [name] = options.operands;
  const { tree } = process.system;
  if (name === undefined || options.unknown !== undefined) {
    return await fail(process, `invalid option or no name given`, 2);
  }
  if (!/^[A-Za-z_][\w.-]*\$?$/.test(name)) {
    return await fail(process, `invalid user name '${name}'`, 3);
  }
  if (findUser(tree, name)?.name === name) {
    return await fail(process, `user '${name}' already exists`, 9);
  }
  const given = options.value("g", "gid");
  const group = given === undefined ? undefined : findGroup(tree, given);
  if (given !== undefined && group === undefined) {
    return await fail(process, `group '${given}' does not exist`, 6);
  }
  if (group === undefined && findGroup(tree, name)?.name === name && !options.has("N")) {
    return await fail(
      process,
      `group ${name} exists - if you want to add this user to that group, use -g.`,
      9,
    );
  }
  const unknown = groupList(options).find((one) => findGroup(tree, one) === undefined);
  if (unknown !== undefined) return await fail(process, `group '${unknown}' does not exist`, 6);
  const uid = options.value("u", "uid");
  if (uid !== undefined && users(tree).some((user) => user.uid === Number(uid))) {
    return await fail(process, `UID ${uid} is not unique`, 4);
  }
  addUser(process, {
    name,
    uid: uid === undefined ? undefined : Number(uid),
    group,
    gecos: options.value("c", "comment") ?? "",
    home: options.value("d", "home-dir"),
    shell: options.value("s", "shell") ?? "/bin/sh",
    system: options.has("r", "system"),
    createHome: options.has("m", "create-home"),
  });
  join(process, name, groupList(options), false);
  return 0;
};

const usermod: Program = async (process) => {
  const options = readOptions(process.argv.slice(1), {
    ...USERADD,
    flags: "amLUo",
    long: "append move-home lock unlock",
  });
  const [name = ""] = options.operands;
  const { tree } = process.system;
  const user = findUser(tree, name);
  if (user === undefined) return await fail(process, `user '${name}' does not exist`, 6);
  const given = options.value("g", "gid");
  const primary = given === undefined ? undefined : findGroup(tree, given);
  if (given !== undefined && primary === undefined) {
    return await fail(process, `group '${given}' does not exist`, 6);
  }
  if (options.has("G", "groups")) {
    const unknown = join(process, name, groupList(options), !options.has("a", "append"));
    if (unknown !== undefined) return await fail(process, `group '${unknown}' does not exist`, 6);
  }
  const changed: User = {
    ...user,
    gid: primary?.gid ?? user.gid,
    uid: Number(options.value("u", "uid") ?? user.uid),
    gecos: options.value("c", "comment") ?? user.gecos,
    home: options.value("d", "home-dir") ?? user.home,
    shell: options.value("s", "shell") ?? user.shell,
  };
  writeUsers(tree, users(tree).map((one) => one.name === name ? changed : one));
  return 0;
};

const groupadd: Program = async (process) => {
  const options = readOptions(process.argv.slice(1), {
    flags: "rfo",
    valued: "gU",
    long: "system force",
    longValued: "gid",
  });
  const [name = ""] = options.operands;
  if (findGroup(process.system.tree, name)?.name === name) {
    return options.has("f", "force") ? 0 : await fail(process, `group '${name}' already exists`, 9);
  }
  const gid = options.value("g", "gid");
  addGroup(process, name, gid === undefined ? undefined : Number(gid), options.has("r", "system"));
  return 0;
};

const userdel: Program = async (process) => {
  const { operands: [name = ""] } = readOptions(process.argv.slice(1), {
    flags: "rf",
    long: "remove force",
  });
  const { tree } = process.system;
  if (findUser(tree, name) === undefined) {
    return await fail(process, `user '${name}' does not exist`, 6);
  }
  writeUsers(tree, users(tree).filter((user) => user.name !== name));
  join(process, name, [], true);
  return 0;
};

const groupdel: Program = async (process) => {
  const [name = ""] = process.argv.slice(1);
  const { tree } = process.system;
  if (findGroup(tree, name) === undefined) {
    return await fail(process, `group '${name}' does not exist`, 6);
  }
  writeGroups(tree, groups(tree).filter((group) => group.name !== name));
  return 0;
};

/** With `-e` the lines hold what is to stand in the file; else something like a hash does. */
const chpasswd: Program = async (process) => {
  const { has } = readOptions(process.argv.slice(1), { flags: "e", long: "encrypted" });
  const { tree } = process.system;
  const lines = textOf(await process.readAll()).split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const [name = ""] = line.split(":");
    if (findUser(tree, name) === undefined) {
      return await fail(process, `line 1: user '${name}' does not exist`);
    }
    const hash = has("e", "encrypted") ? line.slice(name.length + 1) : "$y$j9T$hash";
    writePassword(tree, name, hash);
  }
  return 0;
};

/** The programs of the shadow suite. */
export const SHADOW: Readonly<Record<string, Program>> = {
  useradd,
  usermod,
  userdel,
  groupadd,
  groupdel,
  chpasswd,
};
