import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { width } from "../../lib/render/width.ts";
import { startLab } from "../support/simulator.ts";

const recipe = `container:
  hostname: web-1
  template: debian-13
  tags: [a-long-tag, another-long-tag]
  features: { keyctl: true }
provisioning:
  packages: [nginx, curl, git, htop, tmux, jq, ripgrep]
  scripts: [{ name: a script with a name that is long, content: "true" }]
`;

Deno.test("pxrun breaks no word on a terminal of any width, whatever it prints", async () => {
  await using lab = await startLab();
  const run = async (args: readonly string[], columns: number): Promise<string> => {
    const platform = lab.platform({ stdin: recipe });
    const terminal = {
      ...platform.terminal,
      stdoutIsTerminal: true,
      stderrIsTerminal: true,
      columns: () => columns,
    };
    await runCli(args, { ...platform, terminal });
    return platform.stdout() + platform.stderr();
  };
  const commands = [
    ["create", "-", "--dry-run"],
    ["create", "-", "--count", "2", "--hostname", "many-{n}", "--dry-run"],
    ["create", "-", "--yes", "--verbose"],
    ["create", "-", "--yes"],
    ["provision", "web-1", "-", "--dry-run"],
    ["list", "--ips"],
    ["list", "--tag", "nosuch"],
    ["destroy", "web-1", "--dry-run"],
    ["cleanup", "--dry-run"],
    ["doctor"],
    ["push", "web-1", "/nonexistent/file", "/root"],
    ["exec", "web-1", "ls", "-la"],
    ["destroy", "web-1", "--yes"],
  ];
  for (const columns of [60, 90]) {
    for (const args of commands) {
      const text = await run(args, columns);
      for (const line of text.split("\n")) {
        // What is longer than a line, such as a command to copy, is left to the terminal.
        const rest = line.replace(/^ *(→|[✓✗!…–]|(ssh|console|next|hint:|error:) )?/, "").trim();
        const copied = /^ {2}(ssh|console|next) /.test(line) || !rest.includes(" ");
        assert.ok(width(line) <= columns || copied, `${args.join(" ")} at ${columns}: ${line}`);
      }
      assert.ok(text !== "", args.join(" "));
    }
  }
});
