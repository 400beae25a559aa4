// The settings of VitePress: `deno task site` puts this file and what it reads beside the pages.
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const { home, version, sidebar, outDir } = JSON.parse(read("settings.json"));

export default {
  lang: "en",
  title: "pxrun",
  description: "From a YAML recipe to a provisioned and reachable LXC container on Proxmox VE",
  outDir,
  // Paths that work in any directory of any server, without rules for names that lack .html.
  cleanUrls: false,
  lastUpdated: false,
  head: [["style", {}, read("style.css")]],
  markdown: {
    // The anchors that GitHub gives headings: links work there and here.
    anchor: {
      slugify: (heading) =>
        heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-"),
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: { level: [2, 3] },
    nav: [
      { text: "Documentation", link: "/docs/README" },
      { text: "Commands", link: "/docs/commands" },
      { text: version, link: "/CHANGELOG" },
    ],
    sidebar,
    socialLinks: [{ icon: "github", link: home }],
    docFooter: { prev: "Previous page", next: "Next page" },
  },
};
