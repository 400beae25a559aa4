import type { ActionModule, Description } from "../run/run_actions.ts";
import type { ActionContext } from "./context.ts";
import { type CreateContainer, createContainer } from "./create_container.ts";
import {
  type DestroyContainer,
  destroyContainer,
  type UnprotectContainer,
  unprotectContainer,
} from "./destroy_container.ts";
import { type DownloadTemplate, downloadTemplate } from "./download_template.ts";
import { type MakeDirectory, makeDirectory } from "./make_directory.ts";
import { type MakeGroups, makeGroups } from "./make_groups.ts";
import { type MakeJoinKey, makeJoinKey } from "./make_join_key.ts";
import { type NodeCommand, nodeCommand, type NodeContext } from "./node_command.ts";
import { type ProtectContainer, protectContainer } from "./protect_container.ts";
import { type Provision, provisionStep } from "./provision.ts";
import { type RemoveTailnetNode, removeTailnetNode } from "./remove_tailnet_node.ts";
import { type RemoveToken, removeToken } from "./remove_token.ts";
import { type SetRootOptions, setRootOptions } from "./set_root_options.ts";
import { type StartContainer, startContainer } from "./start_container.ts";
import { type WaitForAddress, waitForAddresses } from "./wait_for_address.ts";

/** One change of a container or for one, as plain data. */
export type ContainerAction =
  | CreateContainer
  | DestroyContainer
  | DownloadTemplate
  | MakeDirectory
  | MakeGroups
  | MakeJoinKey
  | ProtectContainer
  | Provision
  | RemoveTailnetNode
  | RemoveToken
  | SetRootOptions
  | StartContainer
  | UnprotectContainer
  | WaitForAddress;

/**
 * One change of a plan, as plain data: printed by `--dry-run`, and carried out as it is.
 *
 * @category Plans
 */
export type Action = ContainerAction | NodeCommand;

/** State that the actions of a kind share in one run. */
export type ContextOf<Kind extends Action["kind"]> = Kind extends NodeCommand["kind"] ? NodeContext
  : ActionContext;

/** A module for each kind: how it is described, carried out and undone. */
const modules: {
  readonly [Kind in Action["kind"]]: ActionModule<
    Extract<Action, { kind: Kind }>,
    ContextOf<Kind>
  >;
} = {
  "create-container": createContainer,
  "destroy-container": destroyContainer,
  "download-template": downloadTemplate,
  "make-directory": makeDirectory,
  "make-groups": makeGroups,
  "make-join-key": makeJoinKey,
  "node-command": nodeCommand,
  "protect-container": protectContainer,
  "provision": provisionStep,
  "remove-tailnet-node": removeTailnetNode,
  "remove-token": removeToken,
  "set-root-options": setRootOptions,
  "start-container": startContainer,
  "unprotect-container": unprotectContainer,
  "wait-for-address": waitForAddresses,
};

/** The module of an action's kind. */
export function moduleOf<A extends Action>(action: A): ActionModule<A, ContextOf<A["kind"]>> {
  // The table has for each kind what its actions need; the compiler cannot follow that for a union.
  return modules[action.kind] as unknown as ActionModule<A, ContextOf<A["kind"]>>;
}

/**
 * An action as the user reads it: what `--dry-run` prints of it.
 *
 * @param action An action of a plan.
 * @returns Its title, the request or command behind it, and why it goes over SSH where it does.
 *
 * @example What an action does
 * ```ts
 * import { describe } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const { title, call } = describe({
 *   kind: "start-container",
 *   id: "start",
 *   node: "pve01",
 *   vmid: 105,
 * });
 * assert.equal(`${title}: ${call}`, "start: POST /nodes/pve01/lxc/105/status/start");
 * ```
 *
 * @category Plans
 */
export function describe(action: Action): Description {
  return moduleOf(action).describe(action);
}
