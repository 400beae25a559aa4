import { findGroup, findUser, users, writePassword, writeUsers } from "../../os/accounts.ts";
import type { Program } from "../../os/process.ts";
import { textOf } from "../../os/bytes.ts";
import { fail, readOptions } from "../options.ts";
import { addGroup, addUser, join } from "./account_changes.ts";

const useradd: Program = async (process) => {
  const { operands: [name = ""], value, has } = readOptions(process, {
    flags: "mU",
    valued: "sdug",
  });
  const { tree } = process.system;
  if (findUser(tree, name)?.name === name) {
    return await fail(process, `user '${name}' already exists`, 9);
  }
  const given = value("g");
  const group = given === undefined ? undefined : findGroup(tree, given);
  if (has("U") && findGroup(tree, name) !== undefined) {
    return await fail(process, `group ${name} exists`, 9);
  }
  const uid = value("u");
  if (uid !== undefined && users(tree).some((user) => user.uid === Number(uid))) {
    return await fail(process, `UID ${uid} is not unique`, 4);
  }
  addUser(process, {
    name,
    uid: uid === undefined ? undefined : Number(uid),
    group,
    gecos: "",
    home: value("d"),
    shell: value("s") ?? "/bin/sh",
  });
  return 0;
};

/** `usermod -aG GROUP USER` and `usermod -s SHELL USER`. */
const usermod: Program = async (process) => {
  const { operands: [name = ""], values, value } = readOptions(process, {
    flags: "a",
    valued: "sG",
  });
  const { tree } = process.system;
  const unknown = join(process, name, values("G"));
  if (unknown !== undefined) return await fail(process, `group '${unknown}' does not exist`, 6);
  const shell = value("s");
  if (shell === undefined) return 0;
  writeUsers(tree, users(tree).map((one) => one.name === name ? { ...one, shell } : one));
  return 0;
};

/** `groupadd [-r] [-g GID] GROUP`. */
const groupadd: Program = async (process) => {
  const { operands: [name = ""], value } = readOptions(process, { flags: "r", valued: "g" });
  if (findGroup(process.system.tree, name)?.name === name) {
    return await fail(process, `group '${name}' already exists`, 9);
  }
  const gid = value("g");
  addGroup(process, name, gid === undefined ? undefined : Number(gid));
  return 0;
};

/** With `-e` the lines hold what is to stand in the file; else something like a hash does. */
export const chpasswd: Program = async (process) => {
  const { has } = readOptions(process, { flags: "e", long: "encrypted" });
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
  groupadd,
  chpasswd,
};
