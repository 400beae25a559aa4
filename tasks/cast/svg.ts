import type { Frame, Run } from "./frames.ts";
import type { Size } from "./record.ts";

const CELL = { width: 8.4, height: 19 };
const FONT_SIZE = 14;
const MARGIN = 16;
/** The bar with the title. */
const TOP = 36;
const BACKGROUND = "#16181d";
/** Shows where the picture ends on a page as dark as itself. */
const BORDER = "#3a3f4b";
const FOREGROUND = "#d7dae0";
/** The sixteen colours of a terminal; all can be read on the background. */
const PALETTE = [
  ...["#5c6370", "#ef7a85", "#98c379", "#e5c07b", "#6cb6ff", "#d192e3", "#56c8d8", "#d7dae0"],
  ...["#8b93a1", "#ff8f9a", "#b5e08f", "#f2d399", "#8fc8ff", "#e3aef2", "#7fe0ec", "#ffffff"],
];

/**
 * A picture that plays a recording, by styles alone, again and again. Where the reader wants no
 * motion it is the last screen.
 *
 * @param frames The screens; the last one stays for `pause`.
 * @param pause Milliseconds.
 */
export function svgOf(
  frames: readonly Frame[],
  size: Size,
  { title, pause }: { readonly title: string; readonly pause: number },
): string {
  const width = Math.round(size.columns * CELL.width + 2 * MARGIN);
  const height = TOP + size.rows * CELL.height + MARGIN;
  // Most lines are the same from frame to frame: each is written once.
  const lines = new Map<string, string>();
  const pictures = frames.map((frame, index) =>
    `<g transform="translate(${index * width})">${
      frame.lines.map((runs, row) => {
        if (runs.length === 0) return "";
        const text = runs.map(runText).join("");
        if (!lines.has(text)) lines.set(text, `l${lines.size}`);
        return `<use href="#${lines.get(text)}" y="${row * CELL.height}"/>`;
      }).join("")
    }</g>`
  );
  const start = frames[0]?.at ?? 0;
  const length = (frames.at(-1)?.at ?? 0) - start + pause;
  const steps = frames.map(({ at }, index) =>
    `${((at - start) / length * 100).toFixed(3)}%{transform:translateX(${-index * width}px)}`
  );
  const end = `translateX(${-(frames.length - 1) * width}px)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
    escaped(title)
  }">
<style>
text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${FOREGROUND};white-space:pre}
${
    PALETTE.map((color, index) => `.c${index}{fill:${color}}`).join("")
  }.b{font-weight:bold}.d{opacity:.65}
.film{transform:${end};animation:play ${(length / 1000).toFixed(2)}s step-end infinite}
@keyframes play{${steps.join("")}100%{transform:${end}}}
@media (prefers-reduced-motion:reduce){.film{animation:none}}
</style>
<defs>
${[...lines].map(([text, id]) => `<g id="${id}">${text}</g>`).join("\n")}
</defs>
<rect x="0.5" y="0.5" width="${width - 1}" height="${
    height - 1
  }" rx="10" fill="${BACKGROUND}" stroke="${BORDER}"/>
<circle cx="20" cy="18" r="6" fill="#ef7a85"/><circle cx="40" cy="18" r="6" fill="#e5c07b"/><circle cx="60" cy="18" r="6" fill="#98c379"/>
<text x="${width / 2}" y="23" text-anchor="middle" class="c8">${escaped(title)}</text>
<svg x="${MARGIN}" y="${TOP}" width="${width - 2 * MARGIN}" height="${
    height - TOP
  }"><g class="film">
${pictures.join("\n")}
</g></svg>
</svg>
`;
}

/** A run at its column and as wide as its cells, whatever font there is. */
function runText({ column, width, text, color, bold, dim }: Run): string {
  const indent = text.length - text.trimStart().length;
  const words = text.slice(indent);
  if (words === "") return "";
  const classes = [color === undefined ? "" : `c${color}`, bold ? "b" : "", dim ? "d" : ""]
    .filter((one) => one !== "").join(" ");
  const x = ((column + indent) * CELL.width).toFixed(1);
  const length = ((width - indent) * CELL.width).toFixed(1);
  const look = classes === "" ? "" : ` class="${classes}"`;
  return `<text x="${x}" y="14" textLength="${length}"${look}>${escaped(words)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
