import { findGroup, findUser } from "../../os/accounts.ts";
import type { Program } from "../../os/process.ts";
import { fail, readOptions } from "../options.ts";
import { addGroup, addToGroup, addUser } from "./account_changes.ts";

/** BusyBox's `adduser`: `-D` no password, `-G` the primary group. */
export const adduser: Program = (process) => {
  const { operands: [name = ""], value } = readOptions(process, {
    flags: "D",
    valued: "hsGu",
  });
  const { tree } = process.system;
  if (findUser(tree, name)) return fail(process, `user '${name}' in use`);
  const uid = value("u");
  const primary = value("G");
  addUser(process, {
    name,
    uid: uid === undefined ? undefined : Number(uid),
    group: primary === undefined ? undefined : findGroup(tree, primary),
    gecos: "Linux User,,,",
    home: value("h"),
    shell: value("s") ?? "/bin/sh",
  });
  return 0;
};

/** `addgroup GROUP` and `addgroup USER GROUP`. */
export const addgroup: Program = async (process) => {
  const { operands: [name = "", group], value } = readOptions(process, {
    flags: "S",
    valued: "g",
  });
  if (group !== undefined) return await addToGroup(process, name, group);
  if (findGroup(process.system.tree, name)) return await fail(process, `group '${name}' in use`);
  const gid = value("g");
  addGroup(process, name, gid === undefined ? undefined : Number(gid));
  return 0;
};
