import assert from "node:assert/strict";
import { node } from "../../tests/support/facts.ts";
import { aliases, resolveTemplate, templateKinds } from "./template.ts";

function local(...files: string[]): { volid: string; file: string }[] {
  return files.map((file) => ({ volid: `local:vztmpl/${file}`, file }));
}

Deno.test("resolveTemplate() takes the newest local match of an alias, by number", () => {
  const at = node("pve01", {
    templates: local(
      "debian-12-standard_12.12-1_amd64.tar.zst",
      "debian-12-standard_12.7-1_amd64.tar.zst",
      "debian-13-standard_13.1-2_amd64.tar.zst",
    ),
  });
  assert.deepEqual(resolveTemplate("debian-12", at), {
    volid: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
  });
});

Deno.test("resolveTemplate() does not take half a version for an alias", () => {
  assert.equal(resolveTemplate("debian-1", node("pve01")), undefined);
});

Deno.test("resolveTemplate() downloads from the index what is not there", () => {
  assert.deepEqual(resolveTemplate("alpine-3.22", node("pve01")), {
    volid: "local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz",
    download: { storage: "local", file: "alpine-3.22-default_20250617_amd64.tar.xz" },
  });
});

Deno.test("resolveTemplate() needs a storage for templates to download to", () => {
  const at = node("pve01", { storages: [] });
  assert.equal(resolveTemplate("alpine-3.22", at), undefined);
});

Deno.test("resolveTemplate() takes a file name and a volid as they are", () => {
  const file = "debian-13-standard_13.1-2_amd64.tar.zst";
  const volid = `local:vztmpl/${file}`;
  assert.deepEqual(resolveTemplate(file, node("pve01")), { volid });
  assert.deepEqual(resolveTemplate(volid, node("pve01")), { volid });
  assert.equal(resolveTemplate("other:vztmpl/x.tar.zst", node("pve01")), undefined);
});

Deno.test("resolveTemplate() downloads a volid's file to the storage that it names", () => {
  const volid = "local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz";
  assert.deepEqual(resolveTemplate(volid, node("pve01"))?.download, {
    storage: "local",
    file: "alpine-3.22-default_20250617_amd64.tar.xz",
  });
});

Deno.test("aliases() names each template once, shortest useful form, in order", () => {
  const files = [
    "debian-13-standard_13.1-2_amd64.tar.zst",
    "alpine-3.9-default_1_amd64.tar.xz",
    "alpine-3.22-default_2_amd64.tar.xz",
    "archlinux-base_2024-1_amd64.tar.zst",
    "debian-13-standard_13.0-1_amd64.tar.zst",
  ];
  assert.deepEqual(aliases(files), ["alpine-3.9", "alpine-3.22", "archlinux", "debian-13"]);
});

Deno.test("resolveTemplate() does not take an appliance for the system it is built on", () => {
  const turnkey = "debian-13-turnkey-wordpress_19.0-1_amd64.tar.gz";
  const system = "debian-13-standard_13.1-2_amd64.tar.zst";
  const at = node("pve01", { templates: [], index: [turnkey, system] });
  assert.equal(resolveTemplate("debian-13", at)?.download?.file, system);
  assert.equal(resolveTemplate("debian-13-turnkey-wordpress", at)?.download?.file, turnkey);
  assert.deepEqual(aliases(at.index), ["debian-13"]);
});

Deno.test("resolveTemplate() takes the architecture of the node, and what has none", () => {
  const files = [
    "debian-13-standard_13.1-2_amd64.tar.zst",
    "debian-13-standard_13.9-1_arm64.tar.zst",
  ];
  const on = (architecture: string | undefined, more: readonly string[] = []) =>
    resolveTemplate(
      "debian-13",
      node("a", { architecture, index: [], templates: local(...files, ...more) }),
    )?.volid;
  assert.equal(on(undefined), `local:vztmpl/${files[0]}`);
  assert.equal(on("arm64"), `local:vztmpl/${files[1]}`);
  const own = "debian-13-standard_14.tar.gz";
  assert.equal(on("arm64", [own]), `local:vztmpl/${own}`);
  const named = node("a", { templates: local(...files) });
  assert.equal(resolveTemplate(files[1] ?? "", named)?.volid, `local:vztmpl/${files[1]}`);
  const unnamed = "alpine-4-default_1.tar.xz";
  const told = { index: [unnamed], templates: [], architectures: { [unnamed]: "arm64" } };
  assert.equal(resolveTemplate("alpine-4", node("a", told)), undefined);
});

Deno.test("resolveTemplate() takes the bare system before what others made of it", () => {
  const own = "debian-13-zabbix_99.0_amd64.tar.zst";
  const system = "debian-13-standard_13.1-2_amd64.tar.zst";
  const both = node("a", { templates: local(own, system), index: [] });
  assert.equal(resolveTemplate("debian-13", both)?.volid, `local:vztmpl/${system}`);
  const indexed = node("a", { templates: local(own), index: [system] });
  assert.equal(resolveTemplate("debian-13", indexed)?.download?.file, system);
  const alone = node("a", { templates: local(own), index: [] });
  assert.equal(resolveTemplate("debian-13", alone)?.volid, `local:vztmpl/${own}`);
  assert.equal(resolveTemplate("debian-13-zabbix", both)?.volid, `local:vztmpl/${own}`);
  for (const name of ["archlinux-base_1-1_amd64.tar.zst", "alpine-3.22-default_1_amd64.tar.xz"]) {
    const [alias = ""] = name.split(/-(?:base|default)/);
    const at = node("a", { templates: local(name), index: [] });
    assert.equal(resolveTemplate(alias, at)?.volid, `local:vztmpl/${name}`);
  }
});

Deno.test("resolveTemplate() does not choose among several kinds, templateKinds() names them", () => {
  const files = ["gentoo-current-openrc_1_amd64.tar.xz", "gentoo-current-systemd_2_amd64.tar.xz"];
  const at = node("a", { templates: [], index: files });
  assert.equal(resolveTemplate("gentoo", at), undefined);
  assert.deepEqual(templateKinds("gentoo", at), ["current-openrc", "current-systemd"]);
  assert.equal(resolveTemplate("gentoo-current-openrc", at)?.download?.file, files[0]);
});
