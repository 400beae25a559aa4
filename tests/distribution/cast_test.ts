import assert from "node:assert/strict";
import { framesOf } from "../../tasks/cast/frames.ts";
import { chunksOf } from "../../tasks/cast/record.ts";
import { svgOf } from "../../tasks/cast/svg.ts";

const size = { columns: 20, rows: 3 };
const limits = { longestWait: 1000, shortestFrame: 50 };
const chunk = (after: number, text: string) => ({ after, bytes: new TextEncoder().encode(text) });

Deno.test("chunksOf() cuts what script(1) recorded at the lengths of its timing", () => {
  const output = new TextEncoder().encode("Script started on …\nab✓c\nScript done\n");
  const chunks = chunksOf(output, "0.250000 2\n1.000000 4\n");
  assert.deepEqual(chunks.map(({ after }) => after), [250, 1000]);
  assert.deepEqual(chunks.map(({ bytes }) => new TextDecoder().decode(bytes)), ["ab", "✓c"]);
});

Deno.test("framesOf() shows what a terminal shows, with long waits cut and short ones joined", async () => {
  const frames = await framesOf(
    [chunk(0, "wait"), chunk(9000, "\r\x1b[K\x1b[32mok\x1b[39m \x1b[1mweb"), chunk(10, "-1")],
    size,
    limits,
  );
  assert.deepEqual(frames.map(({ at }) => at), [0, 1000]);
  const plain = { color: undefined, bold: false, dim: false };
  assert.deepEqual(frames[0]?.lines[0], [{ column: 0, width: 4, text: "wait", ...plain }]);
  assert.deepEqual(frames[1]?.lines[0], [
    { column: 0, width: 2, text: "ok", color: 2, bold: false, dim: false },
    { column: 3, width: 5, text: "web-1", color: undefined, bold: true, dim: false },
  ]);
});

Deno.test("svgOf() writes equal lines once, escapes text, and ends with the last screen", async () => {
  const chunks = [chunk(0, "a <b> & c\r\n"), chunk(100, "next"), chunk(100, "!")];
  const svg = svgOf(await framesOf(chunks, size, limits), size, { title: "demo", pause: 800 });
  assert.equal(svg.match(/a &lt;b> &amp; c/g)?.length, 1);
  assert.equal(svg.match(/<use href="#l0"/g)?.length, 3);
  assert.match(svg, /animation:play 1\.00s step-end/);
  assert.match(svg, /20\.000%\{transform:translateX\(-\d+px\)\}100%/);
});

Deno.test("docs/demo.svg shows the whole demo", async () => {
  const svg = await Deno.readTextFile(new URL("../../docs/demo.svg", import.meta.url));
  for (const command of ["create demo.yaml --yes", "list --ips", "destroy demo-web --yes"]) {
    assert.ok(svg.includes(`$ pxrun ${command}`), command);
  }
});
