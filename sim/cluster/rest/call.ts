import { check, checkAny } from "../state/access.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Who } from "../state/who.ts";
import { failed, invalid, PveError } from "../state/error.ts";
import { holds } from "../state/faults.ts";
import { checkParams } from "./check.ts";
import { type Method, type Params, percentDecode, Reply, type Route } from "./route.ts";
import { ROUTES } from "./routes/mod.ts";

/**
 * One call of the API, whoever brings it: the HTTPS server for a token, `pct`
 * and `pvesh` on a node for root. Long operations return the UPID of a task.
 *
 * @param path Below /api2/json, its names percent-encoded where they need it.
 * @throws {PveError} The refusal in Proxmox's words.
 */
export async function callApi(
  cluster: Cluster,
  who: Who,
  method: Method,
  path: string,
  params: Params = {},
): Promise<unknown> {
  return (await dispatch(cluster, who, { method, path, params })).data;
}

/** One request to dispatch. */
export interface Request {
  readonly method: Method;
  readonly path: string;
  readonly params: Params;
}

/** Finds the route, checks rights, node and parameters, in this order, and runs it. */
export async function dispatch(
  cluster: Cluster,
  who: Who | undefined,
  { method, path, params }: Request,
): Promise<Reply> {
  const found = findRoute(method, path);
  if (!who && !found?.route.open) throw new PveError(401, "No ticket");
  if (!found) throw new PveError(501, `Method '${method} ${path}' not implemented`);
  const { route, at: names } = found;
  const caller = who ?? { user: "" };
  if (route.right) {
    const { path: template, privileges, any } = route.right;
    const where = template.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");
    (any ? checkAny : check)(cluster, caller, where, privileges);
  }
  const at = "node" in names ? { ...names, node: reachNode(cluster, names["node"] ?? "") } : names;
  const errors = {
    ...checkParams(route.params ?? {}, params),
    ...("vmid" in at ? checkParams(VMID, { vmid: at["vmid"] ?? "" }) : {}),
  };
  if (Object.keys(errors).length > 0) throw invalid(errors);
  const reply = await route.handle({ cluster, who: caller, at, params });
  return reply instanceof Reply ? reply : new Reply(reply ?? null);
}

const VMID = { vmid: { type: "integer", format: "pve-vmid" } } as const;

/** The route of a request, and what stands for its `{…}`. */
export function findRoute(
  method: string,
  path: string,
): { route: Route; at: Record<string, string> } | undefined {
  const segments = path.split("/").filter((segment) => segment !== "");
  for (const route of ROUTES) {
    const at = route.method === method ? matchPath(route.path, segments) : undefined;
    if (at) return { route, at };
  }
  return undefined;
}

/** A last `{volume}` takes the rest of the path, slashes included. */
function matchPath(
  template: string,
  segments: readonly string[],
): Record<string, string> | undefined {
  const names = template.split("/").filter((name) => name !== "");
  const rest = names.at(-1) === "{volume}";
  if (rest ? segments.length < names.length : segments.length !== names.length) return undefined;
  const at: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    const value = rest && i === names.length - 1 ? segments.slice(i).join("/") : segments[i] ?? "";
    if (/^\{\w+\}$/.test(name)) at[name.slice(1, -1)] = percentDecode(value);
    else if (name !== value) return undefined;
  }
  return at;
}

/** The node that answers: `localhost` is the first one that is up. */
function reachNode(cluster: Cluster, name: string): string {
  const up = (node: string) => !holds(cluster, "node-down", { node });
  if (name === "localhost") return [...cluster.nodes.keys()].find(up) ?? name;
  if (!cluster.nodes.has(name)) {
    throw failed(
      `hostname lookup '${name}' failed - failed to get address info for: ${name}: ` +
        "Name or service not known",
    );
  }
  if (!up(name)) throw new PveError(595, "No route to host");
  return name;
}
