import { limits } from "../core/limits.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { connect, type ConnectOptions } from "../cluster/connect.ts";
import { untilAborted, within } from "../core/within.ts";
import type { Platform } from "../core/platform.ts";
import { permissions } from "../proxmox/api/access.ts";
import { list as listNodes } from "../proxmox/api/nodes/nodes.ts";
import { withSignal } from "../proxmox/http/rest.ts";
import { parseSshNodes } from "../ssh/route/node_address.ts";
import { inspectNode } from "../operations/inspect/inspect.ts";
import { checkApi, clock } from "./api.ts";
import { checkConfig, type Configured } from "./config.ts";
import { type Finding, findingsOf, skipped } from "./finding.ts";
import { checkLeft } from "./left.ts";
import { checkNetwork } from "./network.ts";
import { checkOffers } from "./offers.ts";
import { checkRights } from "./rights.ts";
import { checkSsh, type NodeSeen } from "./ssh.ts";

/**
 * Options for a diagnosis: those of a connection, and what ends it.
 *
 * @category Diagnosis
 */
export interface DiagnoseOptions extends ConnectOptions {
  /** The context of the config file, by name. */
  readonly context?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks everything that a create needs, from the config file to the nodes, and changes
 * nothing. What depends on a check that failed is not tried.
 *
 * @param platform The machine's ports.
 * @param options As for connecting.
 * @returns The findings as they come, in the order of the route to a container.
 * @throws {PxrunError} The signal's reason, when that ends it.
 *
 * @example Failed checks
 * ```ts
 * import { denoPlatform, diagnose } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const env = { ...simulator.env(), PROXMOX_TOKEN_SECRET: "wrong" };
 * const wrong: string[] = [];
 * for await (const { check, verdict } of diagnose({ ...denoPlatform(), env })) {
 *   if (verdict === "failed") wrong.push(check);
 * }
 * assert.deepEqual(wrong, ["login"]);
 * ```
 *
 * @category Diagnosis
 */
export async function* diagnose(
  platform: Platform,
  options: DiagnoseOptions = {},
): AsyncGenerator<Finding, void> {
  // A caller that stops listening ends what still runs.
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  try {
    const configured = yield* checkConfig(platform, options, signal);
    if (configured === undefined) {
      yield skipped(["the cluster and its nodes"], "they are not known");
    } else yield* checkCluster(platform, options, configured, signal);
  } finally {
    ending.abort();
  }
}

async function* checkCluster(
  platform: Platform,
  options: DiagnoseOptions,
  { context, settings }: Configured,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const bySsh = settings.login.kind === "ssh";
  let skew: number | undefined;
  let cluster: Cluster;
  let named: string[];
  try {
    cluster = await connect(platform, {
      ...options,
      context,
      readOnly: true,
      // A certificate that the user has to accept is a finding.
      confirmCertificate: undefined,
      onReply: ({ date }) => {
        if (date !== undefined) skew = (Date.parse(date) - platform.clock.now()) / 1000;
      },
    });
    named = [...parseSshNodes(settings.ssh.nodes ?? "", settings.ssh.nodesFrom).keys()];
  } catch (error) {
    yield findingsOf("settings").failedBy(error, signal, [{ kind: "doctor-verbose" }]);
    yield skipped(["the cluster and its nodes"], "not without these settings");
    return;
  }
  await using open = cluster;
  const asks = options.ask !== undefined || options.askPassword !== undefined;
  const sshTo = (nodes: readonly string[]): Promise<NodeSeen>[] =>
    nodes.map((node) => quiet(checkSsh(open, node, asks, signal)));
  const reached = bySsh || (yield* checkNetwork(platform, settings, signal));
  const api = { settings, asks, skew: () => skew };
  if (reached && (yield* checkApi(open, api, signal))) {
    const withClock = skew === undefined;
    yield* checkNodes(open, { pool: context?.values.pool, withClock, sshTo }, signal);
    return;
  }
  const byName = bySsh ? [] : named;
  const rest = ["rights", "storages", "bridges", byName.length > 0 ? "other nodes" : "SSH"];
  yield skipped(reached ? rest : ["login", ...rest], "the check above failed");
  yield* sshFindings(sshTo(byName), true);
}

/** Input of the checks that need the login. */
interface BehindLogin {
  /** The pool that the context names. */
  readonly pool: string | undefined;
  /** True if the clocks of the nodes are to be compared: the API has not shown their time. */
  readonly withClock: boolean;
  /** Starts the checks of nodes by SSH. */
  sshTo(nodes: readonly string[]): Promise<NodeSeen>[];
}

/** Everything that is behind the login. */
async function* checkNodes(
  cluster: Cluster,
  { pool, withClock, sshTo }: BehindLogin,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const { rest, tokenId, platform } = cluster;
  const { failed, failedBy, warning } = findingsOf("nodes");
  const limit = { clock: platform.clock, ms: limits.doctor.node, signal };
  const reading = await within({ ...limit, what: "reading the cluster" }, async (late) => {
    const nodes = await listNodes(withSignal(rest, late));
    return { nodes, held: await permissions(withSignal(rest, late)) };
  }).catch((error) => failedBy(error, signal, [{ kind: "doctor-again" }]));
  if ("check" in reading) {
    yield reading;
    return;
  }
  const { nodes, held } = reading;
  const online = nodes.filter(({ status }) => status === "online").map(({ node }) => node);
  const offline = nodes.filter(({ node }) => !online.includes(node)).map(({ node }) => node);
  if (offline.length > 0) {
    const are = offline.length === 1 ? "is" : "are";
    yield (online.length === 0 ? failed : warning)(
      `${offline.join(", ")} ${are} offline`,
      "`pvecm status` on another node says whether the cluster misses it",
    );
  }
  // Both kinds of checks run at once; the findings keep their order.
  const seen = sshTo(online);
  const left = quiet(checkLeft(cluster, signal));
  const offers = Promise.all(
    online.map((node) =>
      within(
        { ...limit, what: `reading ${node}` },
        (late) =>
          inspectNode(withSignal(rest, late), { node, online: true, freeMemory: undefined }),
      )
    ),
  );
  const facts = await untilAborted(quiet(offers), signal);
  const rights = checkRights({ permissions: held, tokenId, pool }, facts);
  yield* rights;
  // A login without rights sees nothing: that was reported.
  if (rights.length === 1 && rights[0]?.verdict === "failed") {
    yield skipped(["storages", "templates", "bridges"], "they are not listed without rights");
  } else {
    yield* facts.flatMap(checkOffers);
    yield* await left;
  }
  yield* sshFindings(seen, withClock);
}

/** Its outcome is awaited later, or never, when the caller has stopped listening. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The nodes in order; the same trouble again gets one line for all. */
async function* sshFindings(
  started: readonly Promise<NodeSeen>[],
  withClock: boolean,
): AsyncGenerator<Finding, void> {
  const known = new Set<string>();
  const again: string[] = [];
  const clocks: Finding[] = [];
  for (const one of started) {
    const { node, findings, error, skew } = await one;
    // An unknown host key is another one on each node.
    const repeats = error !== undefined && error.code !== "UNTRUSTED" && known.has(error.code);
    if (repeats) again.push(node);
    else yield* findings;
    if (error !== undefined) known.add(error.code);
    if (skew !== undefined) clocks.push(clock(node, skew));
  }
  if (again.length > 0) {
    const message = `no SSH to ${again.join(", ")} either, for the same reason`;
    yield findingsOf("ssh").failed(message, "solve that first");
  }
  const wrong = clocks.find(({ verdict }) => verdict !== "ok");
  if (withClock && wrong !== undefined) yield wrong;
}
