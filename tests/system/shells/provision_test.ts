import assert from "node:assert/strict";
import { Secret } from "../../../lib/core/secret.ts";
import { buildSteps } from "../../../lib/provision/build.ts";
import { PxrunError } from "../../../lib/core/errors.ts";
import { provision, type ProvisionEvent } from "../../../lib/provision/engine.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import type { Step } from "../../../lib/provision/step.ts";
import type { SshTransport } from "../../../lib/ssh/client/transport.ts";
import type { Provisioning } from "../../../lib/recipe/schema/types.ts";
import { type TestRoot, VMID } from "../../support/chroot.ts";
import { until } from "../../support/until.ts";
import { apply, eachShell, filesWith, HOSTILE, processesAre } from "./in_root.ts";
import { havePackageManager } from "./package_managers.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOneOneOneOneOneOneOneOneOneOneOneOneOneOneOne";
const SECRET = "s3cr3t-Wert-mit-'Anführung'";

function recipe(wishes: Partial<Provisioning>): Provisioning {
  return {
    packages: [],
    users: [],
    ssh_keys: [],
    files: [],
    docker: false,
    scripts: [],
    ...wishes,
  };
}

/** Where nothing resolves, whatever needs names would be waited for. */
async function resolveNames(root: TestRoot): Promise<void> {
  await root.write("/etc/hosts", "192.0.2.7 deb.debian.org\n");
}

/** Ten steps, all with something hostile about them; a script would run each time. */
async function tenSteps(): Promise<Step[]> {
  const files = Array.from({ length: 7 }, (_, index) => ({
    path: `/srv/it's ${index}`,
    content: `${HOSTILE}${index}`,
    mode: "0640",
    owner: "dev:staff",
  }));
  const wishes = recipe({ packages: ["curl", "git"], files });
  return await buildSteps(wishes, { sshKeys: [KEY], sources: new Map() });
}

eachShell(
  "provision() changes in the first run and nothing in the second, by one channel",
  async (root) => {
    await havePackageManager(root, "apt-get");
    await resolveNames(root);
    const steps = await tenSteps();
    assert.equal(steps.length, 10);
    const first = await apply(root, steps);
    assert.equal(first.error, undefined);
    assert.deepEqual(first.changed, steps.map((step) => step.id).filter((id) => id !== "network"));
    assert.equal(root.commands.length, 11);
    root.commands.length = 0;
    const again = await apply(root, steps);
    assert.deepEqual([again.changed, again.error], [[], undefined]);
    assert.deepEqual(root.commands, ["lxc-attach -n 105 --clear-env -- sh -s"]);
    assert.deepEqual(again.events.map((event) => event.type), steps.map(() => "step-done"));
  },
);

eachShell("provision() looks again at what an earlier step may have undone", async (root) => {
  await havePackageManager(root, "apt-get");
  const wishes = recipe({
    packages: ["curl"],
    files: [{ path: "/etc/curlrc", content: "mine", mode: "0644", owner: "root" }],
  });
  const [, packages, file] = await buildSteps(wishes, { sshKeys: [], sources: new Map() });
  assert.ok(packages && file);
  await apply(root, [file]);
  // As a package does that brings a file of its own.
  const spoiling = { ...packages, act: `${packages.act}\necho theirs >/etc/curlrc` };
  assert.deepEqual((await apply(root, [spoiling, file])).changed, ["packages", "files[0]"]);
  assert.equal(await root.read("/etc/curlrc"), "mine");
});

eachShell("provision() keeps secrets out of argv, output, errors and the disk", async (root) => {
  await resolveNames(root);
  const secret = new Secret(SECRET);
  const show = `printf '%s\\n' "$TOKEN"; printf '%s' "$TOKEN" | base64; sleep 0.3
printf 's3cr3t-'; sleep 0.2; printf 'Wert-mit-%sAnführung%s' "'" "'"; exit 3`;
  const wishes = recipe({
    files: [{ path: "/etc/secret", content: secret, mode: "0600", owner: "root" }],
    scripts: ["root", "dev"].map((run_as) => ({
      name: "leaky",
      interpreter: "sh",
      content: show,
      run_as,
      environment: { TOKEN: secret },
      timeout: 60,
      continue_on_error: true,
    })),
  });
  const steps = await buildSteps(wishes, { sshKeys: [], sources: new Map() });
  const spelled = [SECRET, "s3cr3t-Wert", new TextEncoder().encode(SECRET).toBase64()];
  const found = sampleArguments("s3cr3t", spelled[2] ?? "", "visible-in-argv");
  const provisioned = await apply(root, steps);
  const leaky = steps.find((step) => step.kind === "scripts");
  assert.ok(leaky);
  // Goes on once it was seen, since a look at all processes may take long.
  const visible = "until [ -e /tmp/seen ]; do sleep 0.1; done; : visible-in-argv";
  const control: Step = { ...leaky, act: `/bin/sh -c '${visible}'` };
  const controlled = apply(root, [control]);
  await until("the control to be seen", () => found.seen.has("visible-in-argv"));
  await root.write("/tmp/seen", "");
  await controlled;
  await found.end();
  assert.deepEqual([...found.seen], ["visible-in-argv"]);
  const everything = JSON.stringify(provisioned.events) + String(provisioned.error);
  for (const text of spelled) assert.ok(!everything.includes(text), text);
  assert.equal(provisioned.output.filter((line) => line.includes("••••")).length, 6);
  assert.deepEqual(await filesWith(root.directory, "s3cr3t"), [`${root.directory}/etc/secret`]);
  assert.deepEqual(await filesWith(root.directory, spelled[2] ?? ""), []);
});

async function endless(): Promise<Step[]> {
  const wishes = recipe({
    scripts: [{
      name: "endless",
      interpreter: "sh",
      content: "sleep 500 &\necho first; wait",
      environment: {},
      timeout: 600,
      continue_on_error: false,
    }],
  });
  return await buildSteps(wishes, { sshKeys: [], sources: new Map() });
}

eachShell("provision() ends what runs on abort and rejects with its reason", async (root) => {
  await resolveNames(root);
  const control = new AbortController();
  const reason = new Error("interrupted");
  const events = provision({
    ssh: root.ssh,
    vmid: VMID,
    steps: await endless(),
    clock: systemClock,
    signal: control.signal,
  });
  await assert.rejects(async () => {
    for await (const event of events) if (event.type === "output") control.abort(reason);
  }, reason);
  await processesAre(root);
});

eachShell("provision() ends what runs when nobody listens any more", async (root) => {
  await resolveNames(root);
  const steps = await endless();
  for await (const event of provision({ ssh: root.ssh, vmid: VMID, steps, clock: systemClock })) {
    if (event.type === "output") break;
  }
  await processesAre(root);
});

eachShell(
  "provision() ends what a lost connection left running, and begins it anew",
  async (root) => {
    const control: Step = {
      id: "a",
      kind: "scripts",
      title: "a",
      check: undefined,
      act: `echo begun >>/tmp/log
[ ! -e /tmp/first ] || { echo done >>/tmp/log; exit 0; }
: >/tmp/first; sleep 500; echo never >>/tmp/log`,
      timeout: 600_000,
      continueOnError: false,
      secrets: [],
    };
    const steps = [control, { ...control, id: "b", check: "test -e /tmp/b", act: ": >/tmp/b" }];
    const lost = new PxrunError("UNREACHABLE", "the connection was lost");
    // As in SSH, what runs in the container does not notice.
    const ssh: SshTransport = {
      ...root.ssh,
      exec: async (command, options = {}) => {
        const running = root.ssh.exec(command, options);
        if (!String(options.stdin).includes("/tmp/first")) return await running;
        running.catch(() => {});
        await until("the first run", () => root.read("/tmp/first").then(() => true, () => false));
        throw lost;
      },
    };
    const events: ProvisionEvent[] = [];
    const reopen = (): Promise<SshTransport> => Promise.resolve(root.ssh);
    for await (const event of provision({ ssh, vmid: VMID, steps, clock: systemClock, reopen })) {
      // The streams of the first run are still there to say how it was ended.
      if (event.type !== "output") events.push(event);
    }
    assert.deepEqual(
      events.map((event) => "step" in event ? `${event.type} ${event.step}` : event.type),
      ["step-started a", "warning", "step-done a", "step-started b", "step-done b"],
    );
    assert.equal(await root.read("/tmp/log"), "begun\nbegun\ndone\n");
    await processesAre(root);
  },
);

/** Looks at the arguments of all processes again and again, for these words. */
function sampleArguments(
  ...words: string[]
): { readonly seen: ReadonlySet<string>; end(): Promise<void> } {
  let going = true;
  const seen = new Set<string>();
  const done = (async (): Promise<void> => {
    while (going) {
      for await (const { name } of Deno.readDir("/proc")) {
        if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
        const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
        words.filter((word) => line.includes(word)).forEach((word) => seen.add(word));
      }
    }
  })();
  return {
    seen,
    end: async (): Promise<void> => {
      going = false;
      await done;
    },
  };
}
