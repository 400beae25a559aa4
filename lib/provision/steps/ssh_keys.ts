import type { Sensitive } from "../../recipe/schema/types.ts";
import type { Step } from "../step.ts";
import { authorizedKeys } from "./authorized_keys.ts";

/**
 * Lets these keys log in as root.
 *
 * @param keys Public key lines, as in an authorized_keys file.
 * @throws {PxrunError} INVALID_RECIPE for what is no such line.
 */
export function sshKeysStep(keys: readonly Sensitive[]): Step {
  const { count, check, act, secrets } = authorizedKeys("provisioning.ssh_keys", keys);
  const root = "home=/root owner=0:0";
  return {
    id: "ssh_keys",
    kind: "ssh_keys",
    title: count === 1 ? "ssh key of root" : `${count} ssh keys of root`,
    check: `${root}\n${check}`,
    act: `${root}\n${act}`,
    timeout: 60_000,
    continueOnError: false,
    secrets,
  };
}
