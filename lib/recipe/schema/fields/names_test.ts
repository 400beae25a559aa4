import assert from "node:assert/strict";
import { Refused } from "./field.ts";
import { locale, timezone } from "./names.ts";

Deno.test("locale() takes the usual spellings, and gives the one that distributions have", () => {
  const cases: readonly [written: string, name: string][] = [
    ["en_US.UTF-8", "en_US.UTF-8"],
    ["en_US.utf8", "en_US.UTF-8"],
    ["en_us.UTF8", "en_US.UTF-8"],
    ["en-US.utf-8", "en_US.UTF-8"],
    ["C.utf8", "C.UTF-8"],
    ["C", "C"],
    ["POSIX", "POSIX"],
    ["de_DE", "de_DE"],
    ["de_DE@euro", "de_DE@euro"],
    ["de_DE.iso885915@euro", "de_DE.ISO-8859-15@euro"],
    ["ru_RU.KOI8-R", "ru_RU.KOI8-R"],
    ["eo", "eo"],
  ];
  for (const [written, name] of cases) assert.equal(locale().read(written), name);
  for (const wrong of ["english", "en_USA", "en_US.", "en US"]) {
    assert.ok(locale().read(wrong) instanceof Refused, wrong);
  }
});

Deno.test("timezone() takes the zones that there are, in their own letters", () => {
  for (
    const zone of ["host", "UTC", "Etc/UTC", "Europe/Berlin", "US/Eastern", "Etc/GMT+1", "CET"]
  ) {
    assert.equal(timezone().read(zone), zone);
  }
  const wrong: readonly [written: string, meant: string | undefined][] = [
    ["Europe/Berln", "Europe/Berlin"],
    ["europe/berlin", "Europe/Berlin"],
    ["utc", "UTC"],
    ["GMT+1", undefined],
  ];
  for (const [written, meant] of wrong) {
    const refused = timezone().read(written);
    assert.ok(refused instanceof Refused, written);
    if (meant !== undefined) assert.equal(refused.meant, meant);
  }
});
