#!/usr/bin/env node
// The launcher of the npm package: runs the bundle in the Deno that npm installed beside it, with the
// permissions that pxrun can need and no others.
"use strict";

const path = require("node:path");

const main = path.join(__dirname, "../dist/pxrun.js");
if (globalThis.Deno !== undefined) import(require("node:url").pathToFileURL(main).href);
else launch(programs());

/**
 * The Deno executables to try: npm's own, then the one on the PATH. npm's own is looked for in its
 * platform package: where install scripts are blocked, which npm 11 does, package `deno` has none.
 */
function programs() {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const file = process.platform === "win32" ? "deno.exe" : "deno";
  try {
    const deno = path.dirname(require.resolve("deno/package.json"));
    const name = `@deno/${process.platform}-${process.arch}${libc}/package.json`;
    return [path.join(path.dirname(require.resolve(name, { paths: [deno] })), file), file];
  } catch {
    return [file];
  }
}

/** Runs the first of the programs that can be run, and ends as it does. */
function launch([program, ...others]) {
  const { permissions, programs } = require("../package.json").pxrun;
  const args = process.argv.slice(2);
  // The simulator starts the command that it is given, which can be any.
  const run = args[0] === "simulator" ? "--allow-run" : `--allow-run=${programs.join(",")}`;
  const flags = ["--no-config", "--no-remote", "--no-npm", "--no-prompt", "--quiet"];
  const child = require("node:child_process").spawn(
    program,
    ["run", ...flags, ...permissions, run, main, ...args],
    { stdio: "inherit" },
  );
  const stopListening = passSignals(child);
  child.on("error", (error) => {
    stopListening();
    if (others.length > 0) return launch(others);
    console.error(`error: pxrun runs on Deno, and ${program} cannot be run: ${error.message}`);
    console.error(
      `hint: npm has no Deno for ${process.platform}-${process.arch} with every libc, and ` +
        "--omit=optional leaves it out; any Deno 2.9 or newer on the PATH will do",
    );
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    stopListening();
    // A shell sees the signal itself, as it would without a launcher.
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

/** Passes on the signals that ask for an end, until the returned function is called. */
function passSignals(child) {
  const ofTerminal = hasTerminal();
  const handlers = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
    const handler = () => {
      // A terminal sends these to all of its foreground processes: twice would mean "at once".
      if (ofTerminal && signal !== "SIGTERM") return;
      child.kill(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => handlers.forEach((stop) => stop());
}

function hasTerminal() {
  // A console of Windows sends Ctrl-C to all of its processes, too.
  if (process.platform === "win32") return true;
  const fs = require("node:fs");
  try {
    fs.closeSync(fs.openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
