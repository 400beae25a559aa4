import assert from "node:assert/strict";
import { freshPreset, onlySsh } from "../../support/setup.ts";
import { startLab } from "../../support/simulator.ts";
import { startPxrun } from "../../support/terminal.ts";

Deno.test("setup and create on a terminal: from a host name to a container", async () => {
  await using lab = await startLab({ preset: freshPreset(), login: "token" });
  const home = await Deno.makeTempDir({ prefix: "pxrun-newcomer-" });
  try {
    const { PROXMOX_HOST, SSH_KEY_PATH } = lab.simulator.env();
    // What a newcomer has: a key, and nodes that ssh_config would name.
    const env = { ...onlySsh(lab.simulator), SSH_KEY_PATH, HOME: home };
    const known = { PXRUN_KNOWN_HOSTS: `${home}/known_hosts` };
    await using setup = startPxrun(["setup"], { env: { ...env, ...known }, columns: 150 });
    await setup.until(/\? Proxmox host/);
    await setup.type(PROXMOX_HOST ?? "");
    await setup.key("enter");
    await setup.until(/\? SSH user/);
    await setup.key("enter");
    await setup.until(/ssh-ed25519 SHA256:[^]*right one\?/);
    await setup.type("y");
    await setup.key("enter");
    await setup.until(/What may pxrun reach\?/);
    await setup.key("enter");
    await setup.until(/pveum user token add pxrun@pve [^]*Go ahead\?/);
    assert.equal(lab.simulator.cluster.users.has("pxrun@pve"), false);
    await setup.key("enter");
    // The doctor meets the other node, which is not known either.
    await setup.until(/ssh-ed25519 SHA256:[^]*right one\?/);
    await setup.type("y");
    await setup.key("enter");
    await setup.until(/pxrun doctor: no problems found/);
    assert.equal(await setup.status, 0, setup.text());

    const file = `${home}/.config/pxrun/config.yaml`;
    const config = await Deno.readTextFile(file);
    assert.match(config, new RegExp(`host: ${PROXMOX_HOST}\n`));
    assert.match(config, /token_secret: ENC\[AES256_GCM,/);
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);

    const only = { env: { HOME: home } };
    const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--yes"];
    await using create = startPxrun(args, only);
    assert.equal(await create.status, 0, create.text());
    assert.deepEqual(lab.containers(), ["100 web-1"]);

    await Deno.rename(`${home}/.config/sops/age/keys.txt`, `${home}/lost`);
    await using keyless = startPxrun(["list"], only);
    assert.equal(await keyless.status, 4, keyless.text());
    assert.match(keyless.text(), /^error: .*\n.*hint: [^]*SOPS_AGE_KEY_FILE/s);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
