import { rootStorages } from "../plan/storage.ts";
import type { NodeFacts, StorageFacts } from "../plan/snapshot.ts";
import { type Finding, findingsOf } from "./finding.ts";

const GiB = 2 ** 30;

/** Less free than this is no room for a container, in bytes. */
const ROOM = 2 * GiB;

/** Checks what a node offers for containers. */
export function checkOffers(facts: NodeFacts): Finding[] {
  const { node, problem } = facts;
  if (problem === undefined) return [...storages(facts), ...templates(facts), bridges(facts)];
  const { failed } = findingsOf("node", node);
  return [failed(`${node} cannot be read: ${problem}`, `is ${node} up? see its console`)];
}

function storages(facts: NodeFacts): Finding[] {
  const { node, storages } = facts;
  const { failed } = findingsOf("storage", node);
  if (storages.length === 0) {
    const help =
      "a storage without Datastore.Audit or Datastore.AllocateSpace is not even listed: " +
      "grant PVEDatastoreUser on /storage, as a setup does";
    return [failed(`no storage of ${node} is visible`, help)];
  }
  const dead = storages.filter(({ active }) => !active).map(({ storage }) =>
    failed(
      `storage ${storage} is not active on ${node}`,
      `on ${node}: \`pvesm status\` says why; \`pvesm set ${storage} --disable 1\` if it no longer exists`,
    )
  );
  const roots = rootStorages(facts);
  if (roots.length > 0) return [...dead, room(node, roots)];
  if (storages.some(({ content }) => content.includes("rootdir"))) return dead;
  const names = storages.map(({ storage }) => storage).join(", ");
  const none = failed(
    `no storage of ${node} holds containers (content rootdir)`,
    `on a node: \`pvesm set STORAGE --content rootdir,images\`, with one of ${names}`,
  );
  return [...dead, none];
}

function room(node: string, roots: readonly StorageFacts[]): Finding {
  const { ok, warning } = findingsOf("storage", node);
  const free = roots.map(({ storage, avail }) =>
    `${storage} (${(avail / GiB).toFixed(0)} GiB free)`
  );
  const list = `${node} holds containers on ${free.join(", ")}`;
  return (roots[0]?.avail ?? 0) < ROOM
    ? warning(list, "make room: destroy what is not needed, or add a storage")
    : ok(list);
}

function templates({ node, storages, templates, index, unread = [] }: NodeFacts): Finding[] {
  const { ok, warning } = findingsOf("templates", node);
  const update = `on ${node}: \`pveam update\``;
  if (storages.length === 0) return [];
  if (unread.length > 0) {
    return unread.map(({ storage, reason }) =>
      storage === undefined
        ? warning(`the template index of ${node} cannot be read: ${reason}`, update)
        : warning(
          `the templates of ${storage} on ${node} cannot be listed: ${reason}`,
          `see why: pvesm status on ${node}`,
        )
    );
  }
  const on = storages.filter((s) => s.active && s.content.includes("vztmpl"));
  if (on.length === 0) {
    const help =
      "on a node: `pvesm set local --content vztmpl,iso,backup`, or another storage of files";
    return [warning(`no storage of ${node} takes templates (content vztmpl)`, help)];
  }
  if (index.length === 0) return [warning(`the template index of ${node} is empty`, update)];
  const names = on.map(({ storage }) => storage).join(", ");
  const count = `${templates.length} there, ${index.length} to download`;
  return [ok(`${node} keeps templates on ${names}: ${count}`)];
}

function bridges({ node, bridges }: NodeFacts): Finding {
  const { ok, failed } = findingsOf("bridges", node);
  if (bridges.length > 0) return ok(`${node} has ${bridges.join(", ")}`);
  return failed(
    `no bridge of ${node} is visible`,
    "a bridge without SDN.Use or SDN.Audit is not even listed: grant PVESDNUser on " +
      "/sdn/zones/localnetwork; or make one in System > Network",
  );
}
