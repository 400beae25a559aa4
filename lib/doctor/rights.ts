import {
  GUEST_PRIVILEGES,
  type Holder,
  lacking,
  type Need,
  poolThatWillDo,
} from "../cluster/rights.ts";
import type { NodeFacts } from "../plan/snapshot.ts";
import { type Finding, type Findings, findingsOf } from "./finding.ts";

const { ok, warning, failed } = findingsOf("rights");

type Lack = ReturnType<typeof lacking>[number];

/** A login, and where it is to make containers. */
export interface Maker extends Holder {
  /** The pool that the context names. */
  readonly pool: string | undefined;
}

/** Stands for the vmid of any container to come: no right is given for this one alone. */
const ANY_VMID = 999_999_999;

/** Compares what a login may do with what each feature needs. */
export function checkRights(holder: Maker, nodes: readonly NodeFacts[]): Finding[] {
  const { permissions, tokenId } = holder;
  if (Object.values(permissions).every((here) => Object.keys(here).length === 0)) {
    return [noRights(tokenId)];
  }
  const anywhere = [`/vms/${ANY_VMID}`];
  const everywhere = lacking(onPaths(GUEST_PRIVILEGES, anywhere), holder).length === 0;
  const pool = holder.pool ?? (everywhere ? undefined : poolThatWillDo(holder));
  const guest = pool === undefined ? anywhere : [...anywhere, `/pool/${pool}`];
  const storages = nodes.flatMap((node) => node.storages).filter(({ active }) => active);
  const holding = (kind: string): string[] => [
    ...new Set(storages.filter((s) => s.content.includes(kind)).map((s) => s.storage)),
  ];
  return [
    ...guests(guest, holder, everywhere || pool === undefined ? "" : `, in the pool ${pool} only`),
    ...feature("containers on", holding("rootdir"), holder, (storage) => ({
      privilege: "Datastore.AllocateSpace",
      paths: [`/storage/${storage}`],
    })),
    ...feature("template download to", holding("vztmpl"), holder, (storage) => ({
      privilege: "Datastore.AllocateTemplate",
      paths: [`/storage/${storage}`],
    })),
    ...bridges(nodes, holder),
    ...lacking([{ privilege: "Sys.Audit", paths: ["/"] }], holder).map(
      lackOf(warning, "the freest node and the nodes' addresses cannot be asked for"),
    ),
  ];
}

/** Makes a finding of what a login lacks. */
function lackOf(say: Findings["failed"], what: string): (lack: Lack) => Finding {
  return ({ problem }) => say(`${what}: ${problem.message}`, problem.hint ?? "");
}

function onPaths(privileges: readonly string[], paths: readonly string[]): Need[] {
  return privileges.map((privilege) => ({ privilege, paths }));
}

function guests(paths: readonly string[], holder: Holder, where: string): Finding[] {
  const what = "make, start, read and remove containers";
  const lacks = lacking(onPaths(GUEST_PRIVILEGES, paths), holder);
  if (lacks.length > 0) return lacks.map(lackOf(failed, what));
  const options = ["VM.Config.Options"];
  const all = lacking(onPaths(options, paths), holder);
  // Tags are asked for before the guest is in its pool.
  const tags = lacking(onPaths(options, paths.slice(0, 1)), holder);
  const kept = all.length > 0 ? "tags, description, start on boot" : "tags";
  return [ok(`${what}${where}`), ...(all.length > 0 ? all : tags).map(lackOf(warning, kept))];
}

/** One line for all places where it may be done, and one for each where it may not. */
function feature(
  what: string,
  places: readonly string[],
  holder: Holder,
  need: (place: string) => Need,
): Finding[] {
  const lacks = places.map((place) => ({ place, lack: lacking([need(place)], holder)[0] }));
  const may = lacks.filter(({ lack }) => lack === undefined).map(({ place }) => place);
  const say = may.length === 0 ? failed : warning;
  return [
    ...(may.length === 0 ? [] : [ok(`${what} ${may.join(", ")}`)]),
    ...lacks.flatMap(({ place, lack }) => lack ? [lackOf(say, `${what} ${place}`)(lack)] : []),
  ];
}

/** One bridge is enough. A vnet is in a zone that Proxmox knows. */
function bridges(nodes: readonly NodeFacts[], holder: Holder): Finding[] {
  const all = new Set(
    nodes.flatMap((node) => node.bridges.filter((bridge) => !node.vnets?.includes(bridge))),
  );
  const use = (bridge: string): Need => ({
    privilege: "SDN.Use",
    paths: [`/sdn/zones/localnetwork/${bridge}`],
  });
  const may = [...all].filter((bridge) => lacking([use(bridge)], holder).length === 0);
  if (may.length > 0) return [ok(`interfaces on ${may.join(", ")}`)];
  const wanted = all.size === 0 || all.has("vmbr0") ? "vmbr0" : [...all][0] ?? "vmbr0";
  return lacking([use(wanted)], holder).map(lackOf(failed, `interfaces on ${wanted}`));
}

/** A token with privilege separation and no ACL of its own has nothing, whatever its user has. */
function noRights(tokenId: string): Finding {
  const [user = ""] = tokenId.split("!");
  const isToken = user !== tokenId;
  const whom = isToken ? `--tokens '${tokenId}'` : `--users ${user}`;
  const line = `pveum acl modify / ${whom} --roles PVEVMAdmin,PVEDatastoreAdmin,PVESDNUser`;
  return failed(
    `${isToken ? "the token" : "the user"} ${tokenId} has no rights at all`,
    `on a node: ${line}${isToken ? ` (and the same with --users ${user})` : ""}`,
    { remedies: [{ kind: "setup" }] },
  );
}
