/**
 * From a YAML recipe to a provisioned and reachable LXC container on a Proxmox VE
 * cluster, and back.
 *
 * The embedded cluster of `@pxrun/pxrun/sim` stands in for a real one here; without
 * it, `denoPlatform()` alone takes `PROXMOX_HOST` and the rest from the environment.
 *
 * @example Create a container, list all, and remove it again
 * ```ts
 * import * as pxrun from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...pxrun.denoPlatform(), env: simulator.env() };
 * await using cluster = await pxrun.connect(platform);
 *
 * const recipe = await pxrun.loadRecipe(platform, "examples/minimal.yaml");
 * const plan = await pxrun.plan(cluster, recipe);
 * for await (const event of pxrun.create(cluster, plan)) {
 *   if (event.type === "created") assert.equal(event.result.vmid, plan.vmid);
 * }
 * const hostname = await pxrun.execText(cluster, plan.vmid, ["hostname"]);
 * assert.equal(hostname.trim(), recipe.container.hostname);
 *
 * const [row] = await pxrun.list(cluster, { addresses: true });
 * assert.equal(row?.hostname, recipe.container.hostname);
 *
 * const end = await pxrun.planDestroy(cluster, recipe.container.hostname);
 * assert.equal((await pxrun.destroy(cluster, end)).vmid, plan.vmid);
 * assert.deepEqual(await pxrun.list(cluster), []);
 * ```
 *
 * @module
 */

export type { Cluster, NodeRoute } from "./lib/cluster/cluster.ts";
export type { LoginOverrides } from "./lib/config/resolve.ts";
export type { OpenContext } from "./lib/config/resolve.ts";
export type { SettingsOverrides } from "./lib/config/resolve.ts";
export { connect, type ConnectOptions } from "./lib/cluster/connect.ts";
export type { LoginQuestions } from "./lib/cluster/login.ts";
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorJson,
  Interrupted,
  ManyProblems,
  PxrunError,
} from "./lib/core/errors.ts";
export type { Remedy } from "./lib/core/remedy.ts";
export type { Operation } from "./lib/core/operation.ts";
export { reveal, Secret } from "./lib/core/secret.ts";
export type { Timeouts } from "./lib/core/limits.ts";
export type {
  AtomicDirectory,
  AtomicFile,
  Clock,
  DirectoryEntry,
  Env,
  Files,
  FileStreams,
  Key,
  Keyboard,
  KeyListener,
  OpenedFile,
  Platform,
  PrivateFiles,
  ProcessInfo,
  ProcessResult,
  RunProcess,
  Screen,
  ScreenSize,
  Terminal,
} from "./lib/core/platform.ts";
export { denoPlatform } from "./lib/host/mod.ts";
export { create } from "./lib/operations/create/create.ts";
export type { CreateOptions } from "./lib/operations/create/create_options.ts";
export { destroy } from "./lib/operations/destroy/destroy.ts";
export { diagnose, type DiagnoseOptions } from "./lib/doctor/diagnose.ts";
export type { Finding, ShownSetting, Verdict } from "./lib/doctor/finding.ts";
export type { Event } from "./lib/run/event.ts";
export { exec, type ExecOptions, execText, type ExecTextOptions } from "./lib/operations/exec.ts";
export { execAll, type ExecEvent, type Exited } from "./lib/operations/exec_all.ts";
export type { Found } from "./lib/cluster/guests/find.ts";
export { pull, pullInto, type PullIntoOptions } from "./lib/operations/copy/pull.ts";
export { push, pushDirectory, type PushDirectoryOptions } from "./lib/operations/copy/push.ts";
export type { PullOptions, PushOptions } from "./lib/guest/copy.ts";
export { shell, type ShellOptions } from "./lib/operations/shell.ts";
export type { GuestCommand } from "./lib/guest/command.ts";
export type { ExecResult, Stdin } from "./lib/ssh/client/transport.ts";
export { type ContainerRow, list, type ListOptions } from "./lib/cluster/guests/list.ts";
export type { PresentedHostKey } from "./lib/ssh/trust/host_keys.ts";
export type { SshQuestions } from "./lib/ssh/auth/questions.ts";
export { type LoadOptions, loadRecipe } from "./lib/operations/load_recipe.ts";
export { CreateIncomplete, type KeptContainer } from "./lib/operations/create/kept.ts";
export { createAll, type CreateAllOptions } from "./lib/operations/create/create_all.ts";
export { destroyAll } from "./lib/operations/destroy/destroy_all.ts";
export { type BatchEvent, BatchFailed, type BatchLimits, type Outcome } from "./lib/run/batch.ts";
export { BatchRejected, planAll } from "./lib/operations/create/plan_all.ts";
export type { CreatePlan } from "./lib/plan/create_plan.ts";
export type { Action } from "./lib/actions/table.ts";
export { describe } from "./lib/actions/table.ts";
export { planHash } from "./lib/run/plan_hash.ts";
export type { Description } from "./lib/run/run_actions.ts";
export {
  type DestroyOptions,
  type DestroyPlan,
  planDestroy,
  withoutTailnetNode,
} from "./lib/operations/destroy/plan_destroy.ts";
export { plan, type PrepareOptions } from "./lib/operations/create/prepare.ts";
export {
  planProvision,
  provision,
  type ProvisionOptions,
  type ProvisionPlan,
} from "./lib/operations/provision.ts";
export { waitTask, type WaitTaskOptions } from "./lib/operations/wait.ts";
export type { TailnetNode } from "./lib/operations/inspect/find_node.ts";
export type { Step, StepKind } from "./lib/provision/step.ts";
export { PlanRejected } from "./lib/plan/problem.ts";
export type { PlanProblem } from "./lib/core/problem.ts";
export type { Created, Destroyed, Provisioned, TailscaleNode, TaskEnd } from "./lib/run/result.ts";
export {
  AlreadyExists,
  InvalidParameter,
  Locked,
  NotFound,
  PermissionDenied,
  ProxmoxError,
  type SeenCertificate,
  TaskFailed,
  Unauthorized,
  Unreachable,
  Untrusted,
} from "./lib/proxmox/http/errors.ts";
export {
  formatRecipe,
  InvalidRecipe,
  type ParseOptions,
  parseRecipe,
  type Problem,
  recipeJsonSchema,
  type RecipeObject,
} from "./lib/recipe/mod.ts";
export type * from "./lib/recipe/schema/types.ts";
