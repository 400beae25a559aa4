import assert from "node:assert/strict";
import { type Lab, startLab } from "./simulator.ts";

/** A container to copy to and from, and a directory of this machine. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab;
  /** An empty directory of this machine. */
  readonly directory: string;
}

/** A lab with one running container, web-1. */
export async function openScene(): Promise<Scene> {
  const lab = await startLab();
  const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
  const { status, stderr } = await lab.run([...args, "--yes"]);
  assert.equal(status, 0, stderr);
  const directory = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
  return {
    lab,
    directory,
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
      await lab[Symbol.asyncDispose]();
    },
  };
}

/** What a script in the container prints. */
export async function inside({ lab }: Scene, script: string): Promise<string> {
  const { stdout } = await lab.run(["exec", "web-1", "--", "sh", "-c", script]);
  return stdout;
}

/** Runs pxrun, which has to say nothing. */
export async function succeed({ lab }: Scene, ...args: string[]): Promise<void> {
  const { status, stderr } = await lab.run(args);
  assert.deepEqual([status, stderr], [0, ""]);
}

/** A name that shells, tar and terminals might take apart. */
export const hostile = "-a 'b' \"c\" $(id) ü\n*.txt";
