import assert from "node:assert/strict";
import {
  access,
  aplinfo,
  change,
  cluster,
  formatProperties,
  lxc,
  nodes,
  pools,
  type Properties,
  type Rest,
  storage,
  tasks,
  version,
} from "./api.ts";

/** What a recorded request asked. */
export interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api2/json`, decoded, without the query. */
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The client's function for a route, and how its value relates to the recorded data. */
interface Call {
  readonly route: RegExp;
  readonly run: (rest: Rest, parts: Parts, params: Asked["params"]) => Promise<unknown>;
  /** Fails unless the value says what the data says. */
  readonly check: (value: unknown, data: unknown) => void;
}

/** What stands at the places of a route. */
interface Parts {
  readonly node: string;
  readonly vmid: number;
  /** A storage, volid or UPID. */
  readonly id: string;
}

const same: Call["check"] = (value, data) => assert.deepEqual(value, data);

const CALLS: readonly Call[] = [
  { route: /^GET \/version$/, run: version.get, check: agree },
  {
    route: /^GET \/access\/permissions$/,
    run: access.permissions,
    check: (value, data) => {
      assert.deepEqual(Object.keys(row(value)).sort(), Object.keys(row(data)).sort());
      for (const [path, privileges] of Object.entries(row(value))) {
        assert.deepEqual(Object.keys(row(privileges)), Object.keys(row(row(data)[path])));
        agree(privileges, row(data)[path]);
      }
    },
  },
  {
    route: /^GET \/cluster\/nextid$/,
    run: (rest, _, { vmid }) => cluster.nextid(rest, vmid === undefined ? undefined : Number(vmid)),
    check: (value, data) => assert.equal(value, Number(data)),
  },
  {
    route: /^GET \/cluster\/resources$/,
    run: (rest, _, { type }) =>
      type === undefined ? allResources(rest) : cluster.resources(rest, type as "vm"),
    check: (value, data) => {
      if (Array.isArray(value)) return agreeRows(value, data);
      const of = (...types: string[]): unknown[] =>
        rows(data).filter((each) => types.includes(String(row(each)["type"])));
      agreeRows(row(value)["vm"], of("lxc", "qemu"));
      agreeRows(row(value)["node"], of("node"));
      agreeRows(row(value)["storage"], of("storage"));
    },
  },
  {
    route: /^GET \/cluster\/status$/,
    run: cluster.status,
    check: (value, data) => agreeRows(row(value)["nodes"], data),
  },
  {
    route: /^GET \/cluster\/options$/,
    run: cluster.tagPolicy,
    check: (value, data) => assert.deepEqual(row(value)["allowed"], row(data)["allowed-tags"]),
  },
  { route: /^GET \/cluster\/tasks$/, run: cluster.tasks, check: agreeTasks },
  { route: /^GET \/pools$/, run: pools.list, check: agreeRows },
  { route: /^GET \/nodes$/, run: nodes.list, check: agreeRows },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/status$/,
    run: (rest, { node }) => nodes.status(rest, node),
    check: (value, data) => {
      const { memory, rootfs, cpus, machine, ...others } = row(value);
      agree({ machine }, row(data)["current-kernel"]);
      agree(memory, row(data)["memory"]);
      agree(rootfs, row(data)["rootfs"]);
      agree({ cpus }, row(data)["cpuinfo"]);
      agree(others, data);
    },
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/network$/,
    run: (rest, { node }, { type }) =>
      nodes.network(rest, node, type === undefined ? undefined : "any_bridge"),
    check: (value, data) => {
      agreeRows(rows(value).map((each) => ({ ...row(each), vlanAware: undefined })), data);
    },
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/storage$/,
    run: (rest, { node }, params) => storage.list(rest, node, params),
    check: agreeRows,
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/storage\/(?<id>[^/]+)\/content$/,
    run: (rest, { node, id }, params) => storage.content(rest, node, id, String(params["content"])),
    check: agreeRows,
  },
  {
    route: /^DELETE \/nodes\/(?<node>[^/]+)\/storage\/[^/]+\/content\/(?<id>[^/:]+:.+)$/,
    run: (rest, { node, id }) => storage.deleteContent(rest, node, id),
    check: same,
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/aplinfo$/,
    run: (rest, { node }) => aplinfo.list(rest, node),
    check: agreeRows,
  },
  {
    route: /^POST \/nodes\/(?<node>[^/]+)\/aplinfo$/,
    run: (rest, { node }, params) =>
      aplinfo.download(rest, node, String(params["storage"]), String(params["template"])),
    check: same,
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/lxc$/,
    run: (rest, { node }) => lxc.list(rest, node),
    check: agreeRows,
  },
  {
    route: /^POST \/nodes\/(?<node>[^/]+)\/lxc$/,
    // Some were recorded because they lack a parameter or have a wrong one.
    run: (rest, { node }, params) => lxc.create(rest, node, params as unknown as lxc.LxcCreate),
    check: same,
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/lxc\/(?<vmid>\d+)\/config$/,
    run: (rest, { node, vmid }) => lxc.config(rest, node, vmid),
    check: agreeConfig,
  },
  {
    route: /^PUT \/nodes\/(?<node>[^/]+)\/lxc\/(?<vmid>\d+)\/config$/,
    run: (rest, { node, vmid }, params) =>
      change.updateConfig(rest, node, vmid, params as unknown as lxc.LxcUpdate),
    check: (value) => assert.equal(value, undefined),
  },
  {
    route: /^DELETE \/nodes\/(?<node>[^/]+)\/lxc\/(?<vmid>\d+)$/,
    run: (rest, { node, vmid }, params) => change.destroy(rest, node, vmid, params),
    check: same,
  },
  ...(["start", "stop", "shutdown", "reboot"] as const).map((verb): Call => ({
    route: new RegExp(`^POST /nodes/(?<node>[^/]+)/lxc/(?<vmid>\\d+)/status/${verb}$`),
    run: (rest, { node, vmid }, params) => change[verb](rest, node, vmid, params),
    check: same,
  })),
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/lxc\/(?<vmid>\d+)\/status\/current$/,
    run: (rest, { node, vmid }) => lxc.current(rest, node, vmid),
    check: (value, data) => {
      const { haManaged, ...others } = row(value);
      agree(others, data);
      agree({ managed: haManaged }, row(data)["ha"]);
    },
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/lxc\/(?<vmid>\d+)\/interfaces$/,
    run: (rest, { node, vmid }) => lxc.interfaces(rest, node, vmid),
    check: agreeInterfaces,
  },
  {
    route: /^GET \/nodes\/(?<node>[^/]+)\/tasks$/,
    run: (rest, { node }, params) => tasks.list(rest, node, params),
    check: agreeTasks,
  },
  {
    route: /^GET \/nodes\/[^/]+\/tasks\/(?<id>UPID:vm:[^/]+)\/status$/,
    run: (rest, { id }) => tasks.status(rest, id),
    check: (value, data) => {
      const { running, ...others } = row(value);
      agree(others, data);
      assert.equal(running, row(data)["status"] === "running");
    },
  },
  {
    route: /^GET \/nodes\/[^/]+\/tasks\/(?<id>UPID:vm:[^/]+)\/log$/,
    run: (rest, { id }) => tasks.log(rest, id),
    check: (value, data) => assert.deepEqual(value, rows(data).map((each) => row(each)["t"])),
  },
  {
    route: /^DELETE \/nodes\/[^/]+\/tasks\/(?<id>UPID:vm:[^/]+)$/,
    run: (rest, { id }) => tasks.stop(rest, id),
    check: (value) => assert.equal(value, undefined),
  },
];

/** The client asks for one type at a time: here each is given its rows of one reply. */
async function allResources(rest: Rest): Promise<unknown> {
  const all = rows(await rest.get("/cluster/resources"));
  const only = (...types: string[]): Rest => ({
    ...rest,
    get: () => Promise.resolve(all.filter((each) => types.includes(String(row(each)["type"])))),
  });
  return {
    vm: await cluster.resources(only("lxc", "qemu"), "vm"),
    node: await cluster.resources(only("node"), "node"),
    storage: await cluster.resources(only("storage"), "storage"),
  };
}

/** How to ask something as the client does. */
export interface CallFor {
  /** False where the client has no function: it is asked for by verb and path alone. */
  readonly known: boolean;
  run(rest: Rest): Promise<unknown>;
  check(value: unknown, data: unknown): void;
}

/** Finds the client's function for what was asked. */
export function callFor({ method, path, params }: Asked): CallFor {
  // A wish of its own: who waits for the deletion itself gets no task.
  const known = "delay" in params ? [] : CALLS;
  for (const { route, run, check } of known) {
    const match = route.exec(`${method} ${path}`);
    if (match === null) continue;
    const { node = "", vmid = "", id = "" } = match.groups ?? {};
    return {
      known: true,
      run: (rest) => run(rest, { node, vmid: Number(vmid), id }, params),
      check,
    };
  }
  const verb = ({ GET: "get", POST: "post", PUT: "put", DELETE: "delete" } as const)[method];
  return { known: false, run: (rest) => rest[verb](path, asText(params)), check: same };
}

/** Parameters as they stand in a form. */
export function asText(params: Asked["params"]): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}

function row(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), `${value}`);
  return value as Record<string, unknown>;
}

function rows(value: unknown): unknown[] {
  assert.ok(Array.isArray(value));
  return value;
}

/** Each decoded field against the field of the same name that was recorded. */
function agree(value: unknown, data: unknown): void {
  for (const [name, decoded] of Object.entries(row(value))) {
    const recorded = row(data)[name] ?? undefined;
    if (typeof decoded === "boolean") {
      assert.equal(decoded, recorded === 1 || recorded === "1" || recorded === true, name);
    } else if (typeof decoded === "number") {
      assert.equal(decoded, Number(recorded), name);
    } else if (Array.isArray(decoded)) {
      assert.deepEqual(decoded, String(recorded ?? "").match(/[^,;\s]+/g) ?? [], name);
    } else {
      assert.equal(decoded, recorded, name);
    }
  }
}

function agreeRows(value: unknown, data: unknown): void {
  assert.equal(rows(value).length, rows(data).length);
  rows(value).forEach((each, i) => agree(each, rows(data)[i]));
}

function agreeTasks(value: unknown, data: unknown): void {
  // A list's `status` is how the task ended, if it has ended.
  agreeRows(
    value,
    rows(data).map(row).map((each) => ({
      ...each,
      exitstatus: each["endtime"] === undefined ? undefined : each["status"],
    })),
  );
}

function agreeConfig(value: unknown, data: unknown): void {
  const { features, rootfs, net, mp, dev, contents, ...scalars } = value as lxc.LxcConfig;
  agree(scalars, data);
  const { digest: _, ...settings } = row(data);
  assert.deepEqual(
    Object.fromEntries(contents),
    Object.fromEntries(
      Object.entries(settings).map(([name, setting]) => [name, JSON.stringify(setting)]),
    ),
  );
  const written = Object.entries({ rootfs, features, ...net, ...mp, ...dev }).flatMap(
    ([name, properties]: [string, Properties | undefined]) => {
      const text = formatProperties(properties ?? {}, name.startsWith("dev") ? "path" : "volume");
      return text === "" ? [] : [[name, text]];
    },
  );
  const recorded = Object.entries(row(data)).filter(([name]) =>
    /^(?:rootfs|features|(?:net|mp|dev)\d+)$/.test(name)
  );
  assert.deepEqual(Object.fromEntries(written), Object.fromEntries(recorded));
}

function agreeInterfaces(value: unknown, data: unknown): void {
  const recorded = rows(data ?? []).map(row);
  assert.deepEqual(
    value,
    recorded.map((each) => ({
      name: each["name"],
      hwaddr: each["hwaddr"],
      addresses: rows(each["ip-addresses"]).map(row).map((address) => ({
        family: address["ip-address-type"],
        address: address["ip-address"],
        prefix: Number(address["prefix"]),
      })),
    })),
  );
}
