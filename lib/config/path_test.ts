import assert from "node:assert/strict";
import { configPath } from "./path.ts";

const platform = { env: {}, home: "/home/me", cwd: "/project" };

Deno.test("configPath() goes by the flag, the variable, then the platform's directory", () => {
  const env = { PXRUN_CONFIG: "here.yaml", XDG_CONFIG_HOME: "/xdg" };
  assert.deepEqual(configPath({ ...platform, env }, "/flag.yaml"), {
    path: "/flag.yaml",
    named: true,
  });
  assert.deepEqual(configPath({ ...platform, env }), { path: "/project/here.yaml", named: true });
  assert.equal(
    configPath({ ...platform, env: { XDG_CONFIG_HOME: "/xdg" } })?.path,
    "/xdg/pxrun/config.yaml",
  );
  assert.deepEqual(configPath(platform), {
    path: "/home/me/.config/pxrun/config.yaml",
    named: false,
  });
});

Deno.test("configPath() uses APPDATA on Windows alone", () => {
  const env = { APPDATA: "/roaming" };
  assert.equal(configPath({ ...platform, env })?.path, "/home/me/.config/pxrun/config.yaml");
  const windows = { ...env, OS: "Windows_NT" };
  assert.equal(configPath({ ...platform, env: windows })?.path, "/roaming/pxrun/config.yaml");
});

Deno.test("configPath() knows none without a home directory, and with an empty variable", () => {
  assert.equal(configPath({ ...platform, env: { PXRUN_CONFIG: "" } }), undefined);
  assert.equal(configPath({ ...platform, env: { PXRUN_CONFIG: "" } }, "/a.yaml")?.path, "/a.yaml");
  assert.equal(configPath({ ...platform, home: undefined }), undefined);
});
