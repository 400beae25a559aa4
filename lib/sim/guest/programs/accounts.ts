import {
  findGroup,
  findUser,
  type Group,
  groups,
  type User,
  users,
  writeGroups,
  writeUsers,
} from "../os/accounts.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { contentOf, entriesOf, makeDir, makeFile, type Node } from "../os/tree.ts";
import { textOf } from "../os/bytes.ts";
import { fail, type Options, readOptions } from "./options.ts";

function freeId(taken: readonly number[], system: boolean): number {
  const used = new Set(taken);
  if (system) {
    for (let id = 999; id > 100; id--) if (!used.has(id)) return id;
  }
  let id = 1000;
  while (used.has(id)) id++;
  return id;
}

/** Puts a user into groups; gives the first that does not exist. */
function join(
  process: Process,
  name: string,
  names: readonly string[],
  only: boolean,
): string | undefined {
  const { tree } = process.system;
  const unknown = names.find((group) => findGroup(tree, group) === undefined);
  if (unknown !== undefined) return unknown;
  const wanted = new Set(names.map((group) => findGroup(tree, group)?.name));
  writeGroups(
    tree,
    groups(tree).map((group) => {
      const others = group.members.filter((member) => member !== name);
      const stays = wanted.has(group.name) || (!only && group.members.includes(name));
      return { ...group, members: stays ? [...others, name] : others };
    }),
  );
  return undefined;
}

function addGroup(process: Process, name: string, gid: number | undefined, system: boolean): Group {
  const { tree } = process.system;
  const all = groups(tree);
  const group = { name, gid: gid ?? freeId(all.map((one) => one.gid), system), members: [] };
  writeGroups(tree, [...all, group]);
  return group;
}

interface NewUser {
  readonly name: string;
  readonly uid?: number | undefined;
  /** A group that is there; absent: one of the user's own is made. */
  readonly group?: Group | undefined;
  readonly gecos: string;
  readonly home: string | undefined;
  readonly shell: string;
  readonly system: boolean;
  readonly createHome: boolean;
}

function addUser(process: Process, wanted: NewUser): User {
  const { tree } = process.system;
  const all = users(tree);
  const uid = wanted.uid ?? freeId(all.map((one) => one.uid), wanted.system);
  const ownGroup = () =>
    findGroup(tree, wanted.name) ??
      addGroup(
        process,
        wanted.name,
        groups(tree).some((one) => one.gid === uid) ? undefined : uid,
        wanted.system,
      );
  const user = {
    name: wanted.name,
    uid,
    gid: (wanted.group ?? ownGroup()).gid,
    gecos: wanted.gecos,
    home: wanted.home ?? `/home/${wanted.name}`,
    shell: wanted.shell,
  };
  writeUsers(tree, [...all, user]);
  if (wanted.createHome && tree.find(user.home) === undefined) {
    tree.mkdirs(user.home);
    const home = tree.dir(user.home);
    [home.uid, home.gid, home.mode] = [user.uid, user.gid, 0o755];
    const skeleton = tree.find("/etc/skel");
    if (skeleton?.kind === "dir") {
      for (const [name, node] of entriesOf(skeleton)) home.entries.set(name, copyFor(node, user));
    }
  }
  return user;
}

function copyFor(node: Node, user: User): Node {
  const copy = node.kind === "file" ? makeFile(contentOf(node), node.mode) : makeDir(node.mode);
  [copy.uid, copy.gid] = [user.uid, user.gid];
  if (node.kind === "dir" && copy.kind === "dir") {
    for (const [name, child] of entriesOf(node)) copy.entries.set(name, copyFor(child, user));
  }
  return copy;
}

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

/** BusyBox's: `-D` no password, `-S` system, `-H` no home, `-G` the primary group. */
const busyboxAdduser: Program = async (process) => {
  const options = readOptions(process.argv.slice(1), { flags: "DSH", valued: "hgsGuk" });
  const [name = "", group] = options.operands;
  const { tree } = process.system;
  if (group !== undefined) return await addToGroup(process, name, group);
  if (findUser(tree, name)) return await fail(process, `user '${name}' in use`);
  const primary = options.value("G");
  addUser(process, {
    name,
    uid: options.value("u") === undefined ? undefined : Number(options.value("u")),
    group: primary === undefined ? undefined : findGroup(tree, primary),
    gecos: options.value("g") ?? "Linux User,,,",
    home: options.value("h"),
    shell: options.value("s") ?? "/bin/sh",
    system: options.has("S"),
    createHome: !options.has("H"),
  });
  return 0;
};

const debianAdduser: Program = async (process) => {
  const options = readOptions(process.argv.slice(1), {
    flags: "q",
    long: "disabled-password disabled-login system group quiet no-create-home gecos-empty",
    longValued: "gecos comment shell home uid gid ingroup",
  });
  const [name = "", group] = options.operands;
  if (group !== undefined) return await addToGroup(process, name, group);
  if (findUser(process.system.tree, name)) {
    return await fail(process, `The user \`${name}' already exists.`);
  }
  const ingroup = options.value("ingroup", "gid");
  addUser(process, {
    name,
    uid: options.value("uid") === undefined ? undefined : Number(options.value("uid")),
    group: ingroup === undefined ? undefined : findGroup(process.system.tree, ingroup),
    gecos: options.value("gecos", "comment") ?? "",
    home: options.value("home"),
    shell: options.value("shell") ?? "/bin/bash",
    system: options.has("system"),
    createHome: !options.has("no-create-home"),
  });
  return 0;
};

async function addToGroup(process: Process, name: string, group: string): Promise<number> {
  if (findUser(process.system.tree, name) === undefined) {
    return await fail(process, `unknown user ${name}`);
  }
  const unknown = join(process, name, [group], false);
  return unknown === undefined ? 0 : await fail(process, `unknown group ${unknown}`);
}

const addgroup: Program = async (process) => {
  const options = readOptions(process.argv.slice(1), {
    flags: "Sq",
    valued: "g",
    long: "system",
    longValued: "gid",
  });
  const [name = "", group] = options.operands;
  if (group !== undefined) return await addToGroup(process, name, group);
  if (findGroup(process.system.tree, name)) return await fail(process, `group '${name}' in use`);
  const gid = options.value("g", "gid");
  addGroup(process, name, gid === undefined ? undefined : Number(gid), options.has("S", "system"));
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

const chpasswd: Program = async (process) => {
  for (const line of textOf(await process.readAll()).split("\n")) {
    const [name = ""] = line.split(":");
    if (name !== "" && findUser(process.system.tree, name) === undefined) {
      return await fail(process, `line 1: user '${name}' does not exist`);
    }
  }
  return 0;
};

/** Programs that manage users and groups. */
export const ACCOUNTS: Readonly<Record<string, Program>> = {
  useradd,
  usermod,
  userdel,
  groupadd,
  groupdel,
  addgroup,
  chpasswd,
  "adduser.busybox": busyboxAdduser,
  "adduser.debian": debianAdduser,
};
