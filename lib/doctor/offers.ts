import { rootStorages } from "../plan/storage.ts";
import type { NodeFacts, StorageFacts } from "../plan/snapshot.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const GiB = 2 ** 30;

/** Less free than this is no room for a container, in bytes. */
const ROOM = 2 * GiB;

/** Looks at what a node offers for containers. */
export function checkOffers(facts: NodeFacts): Finding[] {
  const { node, problem } = facts;
  if (problem !== undefined) {
    return [failed("node", `${node} cannot be read: ${problem}`, `is ${node} up? see its console`, {
      node,
    })];
  }
  return [...storages(facts), ...templates(facts), ...bridges(facts)];
}

function storages(facts: NodeFacts): Finding[] {
  const { node, storages } = facts;
  const about = { node };
  if (storages.length === 0) {
    return [
      failed(
        "storage",
        `no storage of ${node} is visible`,
        "a storage without Datastore.Audit or Datastore.AllocateSpace is not even listed: " +
          "grant PVEDatastoreUser on /storage, as a setup does",
        about,
      ),
    ];
  }
  const dead = storages.filter(({ active }) => !active);
  const roots = rootStorages(facts);
  const holds = (kind: string): boolean => storages.some((s) => s.content.includes(kind));
  return [
    ...dead.map(({ storage }) =>
      failed(
        "storage",
        `storage ${storage} is not active on ${node}`,
        `on ${node}: \`pvesm status\` says why; \`pvesm set ${storage} --disable 1\` if it no longer exists`,
        about,
      )
    ),
    ...(roots.length > 0 ? [room(node, roots)] : holds("rootdir") ? [] : [
      failed(
        "storage",
        `no storage of ${node} holds containers (content rootdir)`,
        `on a node: \`pvesm set STORAGE --content rootdir,images\`, with one of ${
          storages.map((s) => s.storage).join(", ")
        }`,
        about,
      ),
    ]),
  ];
}

function room(node: string, roots: readonly StorageFacts[]): Finding {
  const list = `${node} holds containers on ${
    roots.map(({ storage, avail }) => `${storage} (${(avail / GiB).toFixed(0)} GiB free)`).join(
      ", ",
    )
  }`;
  return (roots[0]?.avail ?? 0) < ROOM
    ? warning("storage", list, "make room: destroy what is not needed, or add a storage", {
      node,
    })
    : ok("storage", list, { node });
}

function templates(facts: NodeFacts): Finding[] {
  const { node, storages, templates, index, unread = [] } = facts;
  if (storages.length === 0) return [];
  if (unread.length > 0) {
    return unread.map(({ storage, reason }) =>
      warning(
        "templates",
        storage === undefined
          ? `the template index of ${node} cannot be read: ${reason}`
          : `the templates of ${storage} on ${node} cannot be listed: ${reason}`,
        storage === undefined ? `on ${node}: \`pveam update\`` : `see why: pvesm status on ${node}`,
        { node },
      )
    );
  }
  const on = storages.filter((s) => s.active && s.content.includes("vztmpl"));
  if (on.length === 0) {
    return [
      warning(
        "templates",
        `no storage of ${node} takes templates (content vztmpl)`,
        "on a node: `pvesm set local --content vztmpl,iso,backup`, or another storage of files",
        { node },
      ),
    ];
  }
  if (index.length === 0) {
    return [
      warning(
        "templates",
        `the template index of ${node} is empty`,
        `on ${node}: \`pveam update\``,
        {
          node,
        },
      ),
    ];
  }
  const names = on.map(({ storage }) => storage).join(", ");
  const count = `${templates.length} there, ${index.length} to download`;
  return [ok("templates", `${node} keeps templates on ${names}: ${count}`, { node })];
}

function bridges({ node, bridges }: NodeFacts): Finding[] {
  return bridges.length > 0 ? [ok("bridges", `${node} has ${bridges.join(", ")}`, { node })] : [
    failed(
      "bridges",
      `no bridge of ${node} is visible`,
      "a bridge without SDN.Use or SDN.Audit is not even listed: grant PVESDNUser on " +
        "/sdn/zones/localnetwork; or make one in System > Network",
      { node },
    ),
  ];
}
