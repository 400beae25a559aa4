import { bytesOf, textOf } from "./bytes.ts";
import { type Credentials, type FileTree, ROOT_USER } from "./tree.ts";

/** A line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

function linesOf(tree: FileTree, path: string): string[][] {
  const node = tree.find(path);
  if (node?.kind !== "file") return [];
  return textOf(node.data).split("\n").filter((line) => line !== "").map((line) => line.split(":"));
}

/** Every user. */
export function users(tree: FileTree): User[] {
  return linesOf(tree, "/etc/passwd").map(([name = "", , uid, gid, gecos = "", home, shell]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    gecos,
    home: home || "/",
    shell: shell || "/bin/sh",
  }));
}

/** Every group. */
export function groups(tree: FileTree): Group[] {
  return linesOf(tree, "/etc/group").map(([name = "", , gid, members = ""]) => ({
    name,
    gid: Number(gid),
    members: members.split(",").filter((member) => member !== ""),
  }));
}

/** Replaces /etc/passwd and the passwords' file beside it. */
export function writeUsers(tree: FileTree, all: readonly User[]): void {
  const line = ({ name, uid, gid, gecos, home, shell }: User) =>
    `${name}:x:${uid}:${gid}:${gecos}:${home}:${shell}\n`;
  tree.write("/etc/passwd", bytesOf(all.map(line).join("")));
  const known = new Map(linesOf(tree, "/etc/shadow").map((fields) => [fields[0] ?? "", fields]));
  const shadow = all.map(({ name }) =>
    known.get(name)?.join(":") ?? `${name}:!:20000:0:99999:7:::`
  );
  tree.write("/etc/shadow", bytesOf(shadow.map((entry) => `${entry}\n`).join("")), 0o640);
}

/** Replaces what stands for a user's password. */
export function writePassword(tree: FileTree, name: string, hash: string): void {
  const lines = linesOf(tree, "/etc/shadow").map(([user = "", old = "", ...rest]) =>
    [user, user === name ? hash : old, ...rest].join(":")
  );
  tree.write("/etc/shadow", bytesOf(lines.map((line) => `${line}\n`).join("")), 0o640);
}

/** Replaces /etc/group. */
export function writeGroups(tree: FileTree, all: readonly Group[]): void {
  const line = ({ name, gid, members }: Group) => `${name}:x:${gid}:${members.join(",")}\n`;
  tree.write("/etc/group", bytesOf(all.map(line).join("")));
}

/** A user by name or number. */
export function findUser(tree: FileTree, text: string): User | undefined {
  const all = users(tree);
  return all.find(({ name }) => name === text) ??
    (/^\d+$/.test(text) ? all.find(({ uid }) => uid === Number(text)) : undefined);
}

/** A group by name or number. */
export function findGroup(tree: FileTree, text: string): Group | undefined {
  const all = groups(tree);
  return all.find(({ name }) => name === text) ??
    (/^\d+$/.test(text) ? all.find(({ gid }) => gid === Number(text)) : undefined);
}

/** Groups of a user: the primary one and those that list the user. */
export function credentialsOf(tree: FileTree, user: User): Credentials {
  const others = groups(tree).filter(({ members }) => members.includes(user.name));
  const all = new Set([user.gid, ...others.map(({ gid }) => gid)]);
  return user.uid === 0 ? ROOT_USER : { uid: user.uid, gid: user.gid, groups: [...all] };
}

/** A name for a user's number, or the number. */
export function userName(tree: FileTree, uid: number): string {
  return users(tree).find((user) => user.uid === uid)?.name ?? String(uid);
}

/** A name for a group's number, or the number. */
export function groupName(tree: FileTree, gid: number): string {
  return groups(tree).find((group) => group.gid === gid)?.name ?? String(gid);
}

/** The numbers of `user`, `user:group`, `:group`, `1000:1000`; undefined when a name is unknown. */
export function parseOwner(
  tree: FileTree,
  text: string,
): { readonly uid?: number; readonly gid?: number } | { readonly invalid: string } {
  const [userText = "", groupText] = text.split(/[:.]/, 2);
  const user = userText === "" ? undefined : findUser(tree, userText);
  const uid = user?.uid ?? (/^\d+$/.test(userText) ? Number(userText) : undefined);
  if (userText !== "" && uid === undefined) return { invalid: "user" };
  if (groupText === undefined) return uid === undefined ? {} : { uid };
  const group = groupText === "" ? undefined : findGroup(tree, groupText);
  const gid = group?.gid ?? (/^\d+$/.test(groupText) ? Number(groupText) : user?.gid);
  if (groupText !== "" && group === undefined && !/^\d+$/.test(groupText)) {
    return { invalid: "group" };
  }
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}
