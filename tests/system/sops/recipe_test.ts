import assert from "node:assert/strict";
import { loadRecipe } from "../../../lib/operations/load_recipe.ts";
import { reveal, Secret } from "../../../lib/core/secret.ts";
import { runCli } from "../../../lib/cli/app/run.ts";
import { startLab } from "../../support/simulator.ts";
import { startSopsLab } from "../../support/sops.ts";
import { testPlatform } from "../../support/platform.ts";

const recipe = `# the web server
container:
  hostname: web-1
  template: debian-13 # alias
  resources: { cores: 2, memory: 1024 }
provisioning:
  files:
    # in a list
    - { path: /etc/app.conf, content: "key=MARK-FILE\\n" }
  scripts:
    - name: use it
      content: printf %s "$DB_PASSWORD" >/root/password
      environment:
        DB_PASSWORD: MARK-PASSWORD
        PIN: 9007199254740993
`;
const regex = "^(DB_PASSWORD|PIN)$";

Deno.test("loadRecipe() reads a recipe that the real sops encrypted, in part and as a whole", async () => {
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  const platform = { ...testPlatform(), run: sops.run };
  for (const rule of [regex, undefined]) {
    await Deno.writeTextFile(file, recipe);
    await sops.encrypt(file, rule);
    const text = await Deno.readTextFile(file);
    assert.ok(!text.includes("MARK-PASSWORD"));
    assert.equal(text.includes("web-1"), rule !== undefined);
    const { container, provisioning } = await loadRecipe(platform, file);
    assert.equal(container.hostname, "web-1");
    assert.equal(container.resources.memory, 1024);
    const { DB_PASSWORD, PIN } = provisioning.scripts[0]?.environment ?? {};
    assert.ok(DB_PASSWORD instanceof Secret && PIN instanceof Secret);
    assert.deepEqual([DB_PASSWORD.reveal(), PIN.reveal()], [
      "MARK-PASSWORD",
      "9007199254740993",
    ]);
    const content = provisioning.files[0]?.content;
    assert.equal(content instanceof Secret, rule === undefined);
    assert.equal(String(content instanceof Secret ? content.reveal() : content), "key=MARK-FILE\n");
  }
});

Deno.test("loadRecipe() reads an encrypted recipe from standard input", async () => {
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  await Deno.writeTextFile(file, recipe);
  await sops.encrypt(file, regex);
  const platform = { ...testPlatform({ stdin: await Deno.readTextFile(file) }), run: sops.run };
  assert.equal((await loadRecipe(platform, "-")).container.hostname, "web-1");
});

Deno.test("loadRecipe() refuses a recipe that was changed after it was encrypted", async () => {
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  await Deno.writeTextFile(file, recipe);
  await sops.encrypt(file, regex);
  const text = await Deno.readTextFile(file);
  const changes = [
    text.replace("web-1", "evil-1"),
    text.replace(/(DB_PASSWORD: ENC\[AES256_GCM,data:)..../, "$1AAAA"),
    text.replace(/(DB_PASSWORD: .*)type:str/, "$1type:int"),
    text.replace("DB_PASSWORD:", "OTHER_PASSWORD:"),
  ];
  for (const changed of changes) {
    assert.notEqual(changed, text);
    await Deno.writeTextFile(file, changed);
    const platform = testPlatform();
    const status = await runCli(["validate", file], { ...platform, run: sops.run });
    assert.equal(status, 4, platform.stderr());
    assert.match(platform.stderr(), /changed (or moved )?after it was encrypted/);
    assert.ok(!platform.stderr().includes("MARK"));
  }
});

Deno.test("loadRecipe() refuses a recipe in which only what is encrypted is guarded", async () => {
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  await Deno.writeTextFile(file, recipe);
  const rule = { age: sops.recipient, encrypted_regex: regex, mac_only_encrypted: true };
  const rules = `${sops.directory}/.sops.yaml`;
  await Deno.writeTextFile(rules, JSON.stringify({ creation_rules: [rule] }));
  const done = await sops.run("sops", ["--config", rules, "encrypt", "--in-place", file]);
  assert.equal(done?.code, 0, new TextDecoder().decode(done?.stderr));
  const platform = testPlatform();
  assert.equal(await runCli(["validate", file], { ...platform, run: sops.run }), 4);
  assert.match(platform.stderr(), /encrypted with mac_only_encrypted, .* changed unseen\n/);
});

Deno.test("loadRecipe() without the key is refused with the recipients, exit 4", async () => {
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  await Deno.writeTextFile(file, recipe);
  await sops.encrypt(file, regex);
  const platform = testPlatform();
  assert.equal(await runCli(["validate", file], { ...platform, run: sops.stranger }), 4);
  assert.match(platform.stderr(), /none of its keys is here/);
  assert.ok(platform.stderr().includes(sops.recipient));
});

Deno.test("create makes a container from an encrypted recipe, and shows none of it", async () => {
  await using lab = await startLab();
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  await Deno.writeTextFile(file, recipe);
  await sops.encrypt(file);
  const platform = lab.platform();
  const args = ["create", file, "--yes", "--verbose", "--debug"];
  assert.equal(await runCli(args, { ...platform, run: sops.run }), 0, platform.stderr());
  assert.deepEqual(lab.containers(), ["100 web-1"]);
  assert.ok(!(platform.stdout() + platform.stderr()).includes("MARK"));
});

Deno.test("loadRecipe() reads what is merged in a recipe that the real sops encrypted", async () => {
  await using sops = await startSopsLab();
  const file = `${sops.directory}/web.yaml`;
  const platform = { ...testPlatform(), run: sops.run };
  const text = `x-base: &base { PORT: "80", DB_PASSWORD: MARK-PASSWORD }
x-more: &more { PORT: "81", API_TOKEN: MARK-TOKEN }
container: { hostname: web-1, template: debian-13 }
provisioning:
  scripts:
    - { content: "true", environment: { <<: *base, PORT: "82" } }
    - { content: "false", environment: { <<: [*more, *base] } }
`;
  for (const rule of ["^(DB_PASSWORD|API_TOKEN)$", undefined]) {
    await Deno.writeTextFile(file, text);
    await sops.encrypt(file, rule);
    assert.ok((await Deno.readTextFile(file)).includes("!!merge"));
    const { provisioning } = await loadRecipe(platform, file);
    const environments = provisioning.scripts.map(({ environment }) =>
      Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, reveal(value)]))
    );
    assert.deepEqual(environments, [
      { PORT: "82", DB_PASSWORD: "MARK-PASSWORD" },
      { PORT: "81", API_TOKEN: "MARK-TOKEN", DB_PASSWORD: "MARK-PASSWORD" },
    ]);
    assert.ok(provisioning.scripts[0]?.environment["DB_PASSWORD"] instanceof Secret);
  }
});
