import assert from "node:assert/strict";
import { runCli } from "../../../lib/cli/app/run.ts";
import { poll } from "../../../lib/core/poll.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";

/** Ends every connection of the node's sshd, which itself goes on. */
const CUT = `for process in /proc/[0-9]*; do
case $(tr '\\0' ' ' <"$process/cmdline" 2>/dev/null) in
"sshd: root"*) kill -KILL "\${process#/proc/}" ;;
esac
done`;

const PACKAGES = ["git", "nginx", "vim"];

function inside(lab: LxcLab, script: string): Promise<string> {
  return lab.node.sh('exec lxc-attach -n 100 --clear-env -- sh -euc "$1"', [script]);
}

/** Waits until dpkg unpacks in the container. */
function unpacking(lab: LxcLab): Promise<void> {
  const ask = "ps -eo args | grep -q '[d]pkg .*--unpack'";
  const what = "dpkg to unpack";
  const probe = (): Promise<true | undefined> => inside(lab, ask).then(() => true, () => undefined);
  return poll(probe, { clock: systemClock, what, timeout: 300_000, longest: 50 }).then(() => {});
}

/** All of them are there, and dpkg has nothing left to do. */
async function assertWhole(lab: LxcLab): Promise<void> {
  const states = await inside(
    lab,
    `dpkg-query -W -f='\${db:Status-Status}\\n' ${PACKAGES.join(" ")}`,
  );
  assert.equal(states, "installed\n".repeat(PACKAGES.length));
  assert.equal(await inside(lab, "dpkg --audit; ls -A /var/lib/dpkg/updates"), "");
}

Deno.test("a connection that is cut inside dpkg, or Ctrl-C, leaves nothing that a later run does not finish", async () => {
  await using lab = await startLxcLab("debian-12");
  const container = { hostname: "one", template: "debian-12" };
  const stdin = JSON.stringify({ container, provisioning: { packages: PACKAGES } });
  const running = lab.run(["create", "-", "--yes"], { stdin });
  await unpacking(lab);
  await lab.node.sh(CUT, []);
  const { status, stderr } = await running;
  assert.equal(status, 0, stderr);
  assert.match(stderr, /! the SSH connection to .* was lost .*; connecting again/);
  await assertWhole(lab);

  await inside(
    lab,
    `DEBIAN_FRONTEND=noninteractive apt-get -q -y --autoremove purge ${PACKAGES.join(" ")}`,
  );
  const platform = lab.platform({ stdin });
  const interrupted = runCli(["provision", "one", "-"], platform);
  await unpacking(lab);
  platform.interrupt();
  assert.equal(await interrupted, 130);
  const again = await lab.run(["provision", "one", "-"], { stdin });
  assert.equal(again.status, 0, again.stderr);
  await assertWhole(lab);
});
