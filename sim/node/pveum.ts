import { toByteString } from "../unix/os/bytes.ts";
import type { Program } from "../unix/os/process.ts";
import type { Method } from "../cluster/rest/route.ts";
import { apiParams, call, CliError, guarded, readWords, schemaOf } from "./cli.ts";
import type { NodeContext } from "./context.ts";
import { formatReply } from "./output.ts";

/** One subcommand: which call it is, and which of its words are which parameters. */
interface Command {
  readonly method: Method;
  /** `{n}` is the n-th word. */
  readonly path: string;
  /** Parameters that are words instead of options. */
  readonly words: readonly string[];
  readonly fixed?: Readonly<Record<string, string>>;
  readonly usage: string;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  "role list": { method: "GET", path: "/access/roles", words: [], usage: "[FORMAT_OPTIONS]" },
  "role add": {
    method: "POST",
    path: "/access/roles",
    words: ["roleid"],
    usage: "<roleid> [OPTIONS]",
  },
  "role modify": {
    method: "PUT",
    path: "/access/roles/{0}",
    words: [],
    usage: "<roleid> [OPTIONS]",
  },
  "role delete": { method: "DELETE", path: "/access/roles/{0}", words: [], usage: "<roleid>" },
  "user list": {
    method: "GET",
    path: "/access/users",
    words: [],
    usage: "[OPTIONS] [FORMAT_OPTIONS]",
  },
  "user add": {
    method: "POST",
    path: "/access/users",
    words: ["userid"],
    usage: "<userid> [OPTIONS]",
  },
  "user delete": { method: "DELETE", path: "/access/users/{0}", words: [], usage: "<userid>" },
  "user permissions": {
    method: "GET",
    path: "/access/permissions",
    words: ["userid"],
    usage: "[<userid>] [OPTIONS] [FORMAT_OPTIONS]",
  },
  "user token list": {
    method: "GET",
    path: "/access/users/{0}/token",
    words: [],
    usage: "<userid> [FORMAT_OPTIONS]",
  },
  "user token add": {
    method: "POST",
    path: "/access/users/{0}/token/{1}",
    words: [],
    usage: "<userid> <tokenid> [OPTIONS] [FORMAT_OPTIONS]",
  },
  "user token remove": {
    method: "DELETE",
    path: "/access/users/{0}/token/{1}",
    words: [],
    usage: "<userid> <tokenid> [FORMAT_OPTIONS]",
  },
  "user token permissions": {
    method: "GET",
    path: "/access/permissions",
    words: [],
    usage: "<userid> <tokenid> [OPTIONS] [FORMAT_OPTIONS]",
  },
  "pool list": { method: "GET", path: "/pools", words: [], usage: "[FORMAT_OPTIONS]" },
  "pool add": {
    method: "POST",
    path: "/pools",
    words: ["poolid"],
    usage: "<poolid> [OPTIONS]",
  },
  "pool delete": { method: "DELETE", path: "/pools", words: ["poolid"], usage: "<poolid>" },
  "acl list": { method: "GET", path: "/access/acl", words: [], usage: "[FORMAT_OPTIONS]" },
  "acl modify": {
    method: "PUT",
    path: "/access/acl",
    words: ["path"],
    usage: "<path> --roles <string> [OPTIONS]",
  },
  "acl delete": {
    method: "PUT",
    path: "/access/acl",
    words: ["path"],
    fixed: { delete: "1" },
    usage: "<path> --roles <string> [OPTIONS]",
  },
};

/** `pveum`: users, tokens, roles, pools and the access control list. */
export function pveum(context: NodeContext): Program {
  return (process) => {
    const all = process.argv.slice(1);
    const name = [3, 2].map((count) => all.slice(0, count).join(" "))
      .find((words) => COMMANDS[words] !== undefined) ?? "";
    const command = COMMANDS[name];
    const usage = `pveum ${name} ${command?.usage}`;
    return guarded(process, usage, async () => {
      if (command === undefined) {
        throw new CliError(`ERROR: unknown command 'pveum ${all.slice(0, 2).join(" ")}'\n`);
      }
      const args = all.slice(name.split(" ").length);
      const { method, words: named, fixed = {} } = command;
      const { options, words } = readWords(args, schemaOf(method, command.path), usage);
      const needed = command.usage.match(/(?<!\[)<\w+>/g)?.filter((word) => word !== "<string>") ??
        [];
      if (words.length < needed.length) throw new CliError(`400 not enough arguments\n${usage}\n`);
      const given = named.flatMap((key, at) => words[at] === undefined ? [] : [[key, words[at]]]);
      const whom = name === "user token permissions" ? { userid: `${words[0]}!${words[1]}` } : {};
      const path = command.path.replace(
        /\{(\d)\}/g,
        (_, at: string) => encodeURIComponent(words[Number(at)] ?? ""),
      );
      const params = { ...apiParams(options), ...Object.fromEntries(given), ...fixed, ...whom };
      const reply = await call(context, method, path, params);
      await process.out(toByteString(formatReply(reply, options["output-format"])));
      return 0;
    });
  };
}
