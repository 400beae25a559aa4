import { findGroup, findUser } from "../os/accounts.ts";
import type { Program } from "../os/system.ts";
import { fail, readOptions } from "./options.ts";
import { addGroup, addToGroup, addUser } from "./account_changes.ts";

/** BusyBox's: `-D` no password, `-S` system, `-H` no home, `-G` the primary group. */
export const busyboxAdduser: Program = async (process) => {
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

/** Debian's friendly one. */
export const debianAdduser: Program = async (process) => {
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

/** `addgroup GROUP` and `addgroup USER GROUP`. */
export const addgroup: Program = async (process) => {
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
