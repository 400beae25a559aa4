import assert from "node:assert/strict";
import { startLxcLab } from "../../lab/mod.ts";
import { until } from "../../support/until.ts";

/** Ends every connection of the node's sshd, which itself goes on. */
const CUT = `for process in /proc/[0-9]*; do
case $(tr '\\0' ' ' <"$process/cmdline" 2>/dev/null) in
"sshd: root"*) kill -KILL "\${process#/proc/}" ;;
esac
done`;

Deno.test("a step whose connection to the node is cut is ended, and begun anew over another one", async () => {
  await using lab = await startLxcLab("debian-13");
  const container = { hostname: "one", template: "debian-13" };
  const content = `echo begun >>/root/log
[ ! -e /root/first ] || { echo done >>/root/log; exit 0; }
: >/root/first
sleep 600
echo never >>/root/log`;
  const wishes = { files: [{ path: "/etc/app.conf", content: "here" }], scripts: [{ content }] };
  const stdin = JSON.stringify({ container, provisioning: wishes });
  const inside = (script: string): Promise<string> =>
    lab.node.sh('exec lxc-attach -n 100 --clear-env -- sh -euc "$1"', [script]);
  const running = lab.run(["create", "-", "--yes"], { stdin });
  await until("the first run", () => inside("test -e /root/first").then(() => true, () => false));
  await lab.node.sh(CUT, []);
  const { status, stderr } = await running;
  assert.equal(status, 0, stderr);
  assert.match(stderr, /! the SSH connection to .* was lost .*; connecting again/);
  assert.equal(await inside("cat /root/log"), "begun\nbegun\ndone\n");
  assert.equal(await inside("ps -eo args | grep '[s]leep' || :"), "");
  assert.equal(await inside("ls -A /run/pxrun"), "");
});
