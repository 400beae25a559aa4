import assert from "node:assert/strict";
import { handles } from "./handle.ts";

Deno.test("handles() are hostnames, or vmids where no hostname would find the container", () => {
  const all = [
    { vmid: 100, hostname: "web-1" },
    { vmid: 101, hostname: "twin" },
    { vmid: 102, hostname: "twin" },
    { vmid: 103, hostname: "200" },
    { vmid: 104 },
  ];
  assert.deepEqual(handles(all, all), ["web-1", "101", "102", "103", "104"]);
  assert.deepEqual(handles(all.slice(1, 2), all), ["101"], "its twin counts, listed or not");
  assert.deepEqual(handles(all.slice(0, 1), all), ["web-1"]);
});
