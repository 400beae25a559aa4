import {
  createTarDecoder,
  createTarPacker,
  type ParsedTarEntry,
  type TarHeader,
} from "../../../../deps/modern_tar.ts";
import { parseOwner } from "../../os/accounts.ts";
import { fromByteString, toByteString } from "../../os/bytes.ts";
import { Errno } from "../../os/errno.ts";
import { Killed, type Process, type Program } from "../../os/process.ts";
import { contentOf, entriesOf, makeDir, makeFile, makeLink, type Node } from "../../os/tree.ts";
import { LeftOut } from "../../not_here.ts";
import { fail, readOptions } from "../options.ts";

/** `tar` that packs and unpacks by way of its streams. */
export const tar: Program = async (process) => {
  const [program = "", first = "", ...rest] = process.argv;
  // The old form: the letters come first, and those with a value take the next words.
  process.argv = [program, /^[a-zA-Z]/.test(first) ? `-${first}` : first, ...rest];
  const { has, value, operands } = readOptions(process, {
    flags: "cxph",
    valued: "fC",
    long: "version no-overwrite-dir keep-directory-symlink",
  });
  if (has("version") && !process.system.programs.has("busybox")) {
    await process.out("tar (GNU tar) 1.35\n");
    return 0;
  }
  if ((value("f") ?? "-") !== "-" || has("c") === has("x")) {
    throw new LeftOut(process.argv.join(" "));
  }
  const directory = process.path(value("C") ?? ".");
  return has("c")
    ? await packAll(process, directory, operands, has("h"))
    : await unpackAll(process, directory, has("no-overwrite-dir"));
};

async function packAll(
  process: Process,
  directory: string,
  operands: readonly string[],
  follow: boolean,
): Promise<number> {
  const { readable, controller } = createTarPacker();
  let status = 0;
  const add = async (name: string): Promise<void> => {
    const path = name.startsWith("/") ? name : `${directory}/${name}`;
    const node = process.system.tree.find(path, follow);
    if (node === undefined) {
      status = await fail(process, `${name}: Cannot stat: No such file or directory`, 2);
      return;
    }
    const data = node.kind === "file" ? contentOf(node) : new Uint8Array();
    const writer = controller.add(headerOf(node, name.replace(/^\/+/, ""), data)).getWriter();
    if (data.length > 0) await writer.write(data);
    await writer.close();
    if (node.kind !== "dir") return;
    for (const entry of entriesOf(node).keys()) await add(`${name.replace(/\/$/, "")}/${entry}`);
  };
  const adding = (async () => {
    for (const operand of operands) await add(operand);
    controller.finalize();
  })().catch((error) => controller.error(error));
  for await (const chunk of readable) await process.out(chunk);
  await adding;
  return status;
}

function headerOf(node: Node, name: string, data: Uint8Array): TarHeader {
  const type =
    ({ file: "file", dir: "directory", link: "symlink", device: "character-device" } as const)[
      node.kind
    ];
  return {
    name: fromByteString(type === "directory" ? `${name}/` : name),
    type,
    size: data.length,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    ...(node.kind === "link" && { linkname: fromByteString(node.target) }),
  };
}

async function unpackAll(
  process: Process,
  directory: string,
  keepDirs: boolean,
): Promise<number> {
  const { readable, writable } = createTarDecoder({ strict: true });
  const writer = writable.getWriter();
  const feeding = (async () => {
    for (let chunk; (chunk = await process.read(0)) !== undefined;) await writer.write(chunk);
    await writer.close();
  })();
  feeding.catch((error) => writer.abort(error).catch(() => {}));
  try {
    for await (const entry of readable) await unpackOne(process, directory, entry, keepDirs);
    await feeding;
    return 0;
  } catch (error) {
    await feeding.catch(() => {});
    if (error instanceof Killed) throw error;
    const why = error instanceof Error ? error.message : `${error}`;
    return await fail(process, why, 2);
  }
}

async function unpackOne(
  process: Process,
  directory: string,
  { header, body }: ParsedTarEntry,
  keepDirs: boolean,
): Promise<void> {
  const { tree } = process.system;
  const path = `${directory}/${toByteString(header.name).replace(/\/$/, "")}`;
  const data = new Uint8Array(await new Response(body).arrayBuffer());
  const isDir = header.type === "directory";
  const there = tree.find(path, isDir);
  if (there !== undefined && there.kind !== "dir") tree.remove(path, "file", process.who);
  const { mode = 0o644, uid = 0, gid = 0, uname, gname } = header;
  const made = isDir
    ? makeDir(mode)
    : header.type === "symlink"
    ? makeLink(toByteString(header.linkname ?? ""))
    : makeFile(data, mode);
  if (there?.kind !== "dir") tree.insert(path, made, process.who);
  else if (!isDir) throw new Errno("EISDIR");
  else if (keepDirs) return;
  const node = tree.lookup(path, isDir);
  node.mode = made.mode;
  if (process.who.uid !== 0) return;
  const owner = parseOwner(tree, `${uname || uid}:${gname || gid}`);
  [node.uid, node.gid] = "invalid" in owner ? [uid, gid] : [owner.uid ?? uid, owner.gid ?? gid];
}
