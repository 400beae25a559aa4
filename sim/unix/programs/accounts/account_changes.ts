import {
  findGroup,
  findUser,
  type Group,
  groups,
  type User,
  users,
  writeGroups,
  writeUsers,
} from "../../os/accounts.ts";
import type { Process } from "../../os/process.ts";
import { contentOf, entriesOf, makeFile } from "../../os/tree.ts";
import { fail } from "../options.ts";

/** The first number of an ordinary account that nobody has. */
function freeId(taken: readonly number[]): number {
  let id = 1000;
  while (taken.includes(id)) id++;
  return id;
}

/** Puts a user into more groups; gives the first that does not exist. */
export function join(
  process: Process,
  name: string,
  names: readonly string[],
): string | undefined {
  const { tree } = process.system;
  const unknown = names.find((group) => findGroup(tree, group) === undefined);
  if (unknown !== undefined) return unknown;
  writeGroups(
    tree,
    groups(tree).map((group) =>
      names.includes(group.name) && !group.members.includes(name)
        ? { ...group, members: [...group.members, name] }
        : group
    ),
  );
  return undefined;
}

/** Makes a group; without a number it gets a free one. */
export function addGroup(process: Process, name: string, gid: number | undefined): Group {
  const { tree } = process.system;
  const all = groups(tree);
  const group = { name, gid: gid ?? freeId(all.map((one) => one.gid)), members: [] };
  writeGroups(tree, [...all, group]);
  return group;
}

/** Properties of a new user. */
export interface NewUser {
  readonly name: string;
  readonly uid?: number | undefined;
  /** A group that is there; absent: one of the user's own is made. */
  readonly group?: Group | undefined;
  readonly gecos: string;
  readonly home: string | undefined;
  readonly shell: string;
}

/** Makes a user, with a home and a group of its own where there is none yet. */
export function addUser(process: Process, wanted: NewUser): User {
  const { tree } = process.system;
  const all = users(tree);
  const uid = wanted.uid ?? freeId(all.map((one) => one.uid));
  const gid = groups(tree).some((one) => one.gid === uid) ? undefined : uid;
  const group = wanted.group ?? findGroup(tree, wanted.name) ?? addGroup(process, wanted.name, gid);
  const user = {
    name: wanted.name,
    uid,
    gid: group.gid,
    gecos: wanted.gecos,
    home: wanted.home ?? `/home/${wanted.name}`,
    shell: wanted.shell,
  };
  writeUsers(tree, [...all, user]);
  if (tree.find(user.home) === undefined) {
    tree.mkdirs(user.home);
    const home = tree.dir(user.home);
    [home.uid, home.gid, home.mode] = [user.uid, user.gid, 0o755];
    for (const [name, node] of entriesOf(tree.dir("/etc/skel"))) {
      if (node.kind === "file") {
        home.entries.set(name, makeFile(contentOf(node), node.mode, { ...user, groups: [] }));
      }
    }
  }
  return user;
}

/** Puts a user into a group, as `adduser USER GROUP` does. */
export async function addToGroup(process: Process, name: string, group: string): Promise<number> {
  if (findUser(process.system.tree, name) === undefined) {
    return await fail(process, `unknown user ${name}`);
  }
  const unknown = join(process, name, [group]);
  return unknown === undefined ? 0 : await fail(process, `unknown group ${unknown}`);
}
