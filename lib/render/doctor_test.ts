import assert from "node:assert/strict";
import { findingsOf, skipped } from "../doctor/finding.ts";
import { findingText, summaryText } from "./doctor.ts";
import { style } from "./style.ts";

const plain = style(false);

Deno.test("findingText() puts the remedy below its finding, line under line", () => {
  assert.equal(
    findingText(findingsOf("ssh").failed("no key", "add this:\n  a key"), plain, false),
    "✗ ssh       no key\n    → add this:\n        a key\n",
  );
});

Deno.test("findingText() shows settings only with verbose", () => {
  const from = "PROXMOX_HOST";
  const setting = { name: "host", value: "a", source: "environment", from, hides: ["b"] } as const;
  const finding = findingsOf("settings").ok("a", { settings: [setting] });
  assert.equal(findingText(finding, plain, false), "✓ settings  a\n");
  assert.match(
    findingText(finding, plain, true),
    /\n {4}host +a +environment: PROXMOX_HOST, not b\n$/,
  );
});

Deno.test("summaryText() counts what is wrong", () => {
  assert.equal(summaryText([findingsOf("a").ok("b")], plain), "no problems found\n");
  const findings = [findingsOf("a").failed("b", "c"), skipped(["d"], "e")];
  assert.equal(summaryText(findings, plain), "1 ✗\n");
});
