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
import { contentOf, entriesOf, makeDir, makeFile, type Node } from "../os/tree.ts";
import { fail } from "./options.ts";

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
export function join(
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

/** Makes a group; without a number it gets a free one. */
export function addGroup(
  process: Process,
  name: string,
  gid: number | undefined,
  system: boolean,
): Group {
  const { tree } = process.system;
  const all = groups(tree);
  const group = { name, gid: gid ?? freeId(all.map((one) => one.gid), system), members: [] };
  writeGroups(tree, [...all, group]);
  return group;
}

/** What a new user is to be. */
export interface NewUser {
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

/** Makes a user, with a group and a home of its own where that is wanted. */
export function addUser(process: Process, wanted: NewUser): User {
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

/** Puts a user into a group, as `adduser USER GROUP` does. */
export async function addToGroup(process: Process, name: string, group: string): Promise<number> {
  if (findUser(process.system.tree, name) === undefined) {
    return await fail(process, `unknown user ${name}`);
  }
  const unknown = join(process, name, [group], false);
  return unknown === undefined ? 0 : await fail(process, `unknown group ${unknown}`);
}
