import { messageOf } from "../../../../lib/core/errors.ts";
import type { Machine } from "../../distro/machine.ts";
import { fromByteString, textOf } from "../../os/bytes.ts";
import type { Process, Program } from "../../os/process.ts";
import type { TailnetIdentity, TailnetJoin } from "../../types.ts";
import { LeftOut } from "../../not_here.ts";
import { fail } from "../options.ts";

/** State of the daemon. */
interface State {
  readonly nodeKey: string;
  identity: TailnetIdentity | undefined;
  up: boolean;
  readonly prefs: {
    RouteAll: boolean;
    ShieldsUp: boolean;
    Hostname: string;
    AdvertiseRoutes: string[] | null;
  };
}

/** Tailscale's client and what its daemon knows. */
export function tailscaleProgram(machine: Machine): Program {
  const state: State = {
    nodeKey: `nodekey:${crypto.getRandomValues(new Uint8Array(32)).toHex()}`,
    identity: undefined,
    up: false,
    prefs: { RouteAll: false, ShieldsUp: false, Hostname: "", AdvertiseRoutes: null },
  };
  return async (process) => {
    const [command = "", ...words] = process.argv.slice(1);
    switch (command) {
      case "status":
        await process.out(`${JSON.stringify(status(state, machine), null, 2)}\n`);
        return 0;
      case "debug":
        await process.out(`${JSON.stringify(state.prefs, null, "\t")}\n`);
        return 0;
      case "ip":
        await process.out((state.identity?.addresses ?? []).map((ip) => `${ip}\n`).join(""));
        return 0;
      case "set":
        setPrefs(state, words);
        return 0;
      case "up":
        return await up(state, machine, process, words);
      default:
        throw new LeftOut(`tailscale ${command}`);
    }
  };
}

function status({ identity, up, nodeKey }: State, { around }: Machine): unknown {
  return {
    Version: "1.2.3",
    BackendState: identity === undefined ? "NeedsLogin" : up ? "Running" : "Stopped",
    Self: {
      PublicKey: nodeKey,
      HostName: around.hostname(),
      DNSName: identity === undefined ? "" : `${identity.name}.`,
      TailscaleIPs: identity?.addresses ?? null,
    },
  };
}

function setPrefs({ prefs }: State, words: readonly string[]): void {
  for (const word of words) {
    const [, name, value = ""] = /^--([a-z-]+)=(.*)$/.exec(word) ?? [];
    if (name === "accept-routes") prefs.RouteAll = value === "true";
    if (name === "shields-up") prefs.ShieldsUp = value === "true";
    if (name === "hostname") prefs.Hostname = value;
    if (name === "advertise-routes") prefs.AdvertiseRoutes = value === "" ? null : value.split(",");
  }
}

async function up(
  state: State,
  machine: Machine,
  process: Process,
  words: readonly string[],
): Promise<number> {
  if (state.identity === undefined) {
    const file = words.map((word) => /^--auth-key=file:(.*)$/.exec(word)?.[1]).find(Boolean) ?? "";
    const authKey = fromByteString(textOf(await process.readFile(file))).trim();
    setPrefs(state, words);
    const hostname = state.prefs.Hostname || machine.around.hostname();
    try {
      const join = machine.around.joinTailnet ?? joinAny;
      state.identity = join({ authKey, hostname, nodeKey: state.nodeKey });
      machine.around.tunnel?.("tailscale0", state.identity.addresses);
    } catch (error) {
      return await fail(process, `backend error: ${messageOf(error)}`);
    }
  } else setPrefs(state, words);
  state.up = true;
  return 0;
}

/** A tailnet that takes every key that looks like one. */
function joinAny({ authKey, hostname, nodeKey }: TailnetJoin): TailnetIdentity {
  if (!authKey.startsWith("tskey-")) throw new Error("invalid key: unable to validate API key");
  const [a = 0, b = 0] = Uint8Array.fromHex(nodeKey.slice("nodekey:".length));
  return { name: `${hostname}.example.ts.net`, addresses: [`100.64.${a}.${b}`] };
}
