import { everyStep } from "./every_step.ts";

// One file for each release: files run side by side.
Deno.test("every step of a recipe is done once on debian-13, and scripts each time", () =>
  everyStep("debian-13", "trixie"));
