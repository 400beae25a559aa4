import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Clock } from "../core/platform.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { fastClock } from "../../tests/support/fast_clock.ts";
import { provision, type ProvisionEvent, type ProvisionOptions } from "./engine.ts";
import type { Step } from "./step.ts";

/** Time that passes ten times as fast. */
const clock: Clock = {
  now: () => Date.now() * 10,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms / 10);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

/** How the container answers a step's act: an exit status after some output, or a failure. */
type Answer = { readonly code: number; readonly chunks?: readonly string[] } | Error | "hangs";

/** Says that the container was entered, as the first line of each script has it said. */
function announce({ stdin, onBegun, onStdout }: ExecOptions): void {
  const [, id = ""] = /pxrun-out:%s: (\S+)/.exec(String(stdin)) ?? [];
  onBegun?.();
  onStdout?.(new TextEncoder().encode(`pxrun-out:${id}:`));
}

/** A container in which steps called a, b … are done or not; acting does them. */
class Container {
  readonly done = new Set<string>();
  readonly channels: string[] = [];
  readonly ssh: SshTransport = {
    exec: (_, options = {}) => this.#exec(options),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  readonly #answers: Readonly<Record<string, Answer>>;

  constructor(answers: Readonly<Record<string, Answer>> = {}) {
    this.#answers = answers;
  }

  #exec(options: ExecOptions): Promise<ExecResult> {
    const script = String(options.stdin);
    if (script.includes("echo ending")) return this.#result("end", options, { code: 0 });
    const checks = [...script.matchAll(/^check (\d+) .*check-(\w+)/gm)];
    if (checks.length > 0) {
      const answer = this.#answers["checks"];
      if (answer !== undefined) return this.#result("checks", options, answer);
      const marker = /pxrun-[0-9a-f-]{36}/.exec(script)?.[0];
      const lines = checks.map(([, index, name = ""]) =>
        `${marker} ${index} ${this.done.has(name) ? 0 : 1}\n`
      );
      return this.#result("checks", options, { code: 0, chunks: lines });
    }
    const name = /act-(\w+)/.exec(script)?.[1] ?? "";
    const answer = this.#answers[name] ?? { code: 0 };
    if (typeof answer === "object" && "code" in answer && answer.code === 0) this.done.add(name);
    return this.#result(name, options, answer);
  }

  async #result(name: string, options: ExecOptions, answer: Answer): Promise<ExecResult> {
    this.channels.push(name);
    if (answer instanceof Error) throw answer;
    announce(options);
    if (answer === "hangs") {
      options.onStdout?.(new TextEncoder().encode("hanging\n"));
      return await new Promise((_, reject) =>
        options.signal?.addEventListener("abort", () => reject(options.signal?.reason))
      );
    }
    const chunks = (answer.chunks ?? []).map((chunk) => new TextEncoder().encode(chunk));
    if (options.onStdout) chunks.forEach(options.onStdout);
    const stdout = options.onStdout ? [] : chunks.flatMap((chunk) => [...chunk]);
    return {
      code: answer.code,
      signal: undefined,
      stdout: Uint8Array.from(stdout),
      stderr: new Uint8Array(),
    };
  }
}

function step(name: string, more: Partial<Step> = {}): Step {
  return {
    id: name,
    kind: "files",
    title: `step ${name}`,
    check: `: check-${name}`,
    act: `: act-${name}`,
    timeout: 60_000,
    continueOnError: false,
    secrets: [],
    ...more,
  };
}

async function run(
  way: Pick<ProvisionOptions, "ssh" | "reopen">,
  steps: readonly Step[],
  options: Partial<Pick<ProvisionOptions, "clock" | "signal">> = {},
): Promise<{ events: ProvisionEvent[]; error: unknown }> {
  const events: ProvisionEvent[] = [];
  try {
    for await (const event of provision({ ...way, vmid: 105, steps, clock, ...options })) {
      events.push(event);
    }
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

/** Events in a word each. */
function brief(events: readonly ProvisionEvent[]): string[] {
  return events.map((event) => {
    const outcome = event.type === "step-done" ? (event.changed ? " changed" : " same") : "";
    return "step" in event ? `${event.type} ${event.step}${outcome}` : event.type;
  });
}

Deno.test("provision() asks all checks in one channel and acts where it must", async () => {
  const container = new Container();
  container.done.add("b");
  const { events, error } = await run(container, [step("b"), step("a"), step("c")]);
  assert.equal(error, undefined);
  assert.deepEqual(container.channels, ["checks", "a", "c"]);
  assert.deepEqual(brief(events), [
    "step-done b same",
    "step-started a",
    "step-done a changed",
    "step-started c",
    "step-done c changed",
  ]);
});

Deno.test("provision() opens one channel when there is nothing to do, none without steps", async () => {
  const container = new Container();
  const steps = Array.from({ length: 10 }, (_, index) => step(`s${index}`));
  steps.forEach(({ id }) => container.done.add(id));
  assert.equal((await run(container, steps)).events.length, 10);
  assert.deepEqual(container.channels, ["checks"]);
  assert.deepEqual(await run(container, []), { events: [], error: undefined });
  assert.deepEqual(container.channels, ["checks"]);
});

Deno.test("provision() runs a step without check each time, without asking", async () => {
  const container = new Container();
  const { events } = await run(container, [step("a", { check: undefined })]);
  assert.deepEqual(container.channels, ["a"]);
  assert.deepEqual(brief(events), ["step-started a", "step-done a changed"]);
});

Deno.test("provision() prepares only for steps that act, and counts that as no change", async () => {
  const wait = step("wait", { check: undefined, prepares: ["a"] });
  const container = new Container();
  const first = await run(container, [wait, step("a")]);
  assert.deepEqual(container.channels, ["checks", "wait", "a"]);
  assert.deepEqual(brief(first.events), [
    "step-started wait",
    "step-done wait same",
    "step-started a",
    "step-done a changed",
  ]);
  const second = await run(container, [wait, step("a")]);
  assert.deepEqual(brief(second.events), ["step-done wait same", "step-done a same"]);
});

Deno.test("provision() asks again about the rest once something has changed", async () => {
  const container = new Container();
  ["b", "c"].forEach((name) => container.done.add(name));
  const { events } = await run(container, [step("a"), step("b"), step("c"), step("d")]);
  assert.deepEqual(container.channels, ["checks", "a", "checks", "d"]);
  assert.equal(events.filter((event) => event.type === "step-done").length, 4);
});

Deno.test("provision() passes output on by lines and hides secrets in it", async () => {
  const secret = new Secret("hunter22");
  const container = new Container({ a: { code: 0, chunks: ["one\ntw", "o hunt", "er22\n"] } });
  const steps = [step("a"), step("b", { secrets: [secret] })];
  const { events } = await run(container, steps);
  assert.deepEqual(
    events.flatMap((event) => event.type === "output" ? [event.text] : []),
    ["one", "two ••••"],
  );
});

Deno.test("provision() stops at a failure and shows its last 20 lines", async () => {
  const chunks = Array.from({ length: 30 }, (_, index) => `line ${index} hunter22\n`);
  const container = new Container({ a: { code: 100, chunks } });
  const failing = step("a", { secrets: [new Secret("hunter22")] });
  const { events, error } = await run(container, [failing, step("b")]);
  assert.ok(error instanceof PxrunError);
  assert.equal(error.code, "STEP_FAILED");
  const lines = error.message.split("\n");
  assert.equal(
    lines[0],
    "step a: failed in container 105, it ended with exit status 100; its last lines:",
  );
  assert.deepEqual([lines.length, lines[1], lines.at(-1)], [
    21,
    "    line 10 ••••",
    "    line 29 ••••",
  ]);
  assert.match(error.hint ?? "", /provision again/);
  assert.equal(brief(events).at(-1), "step-failed a");
  assert.deepEqual(container.channels, ["checks", "a"]);
});

Deno.test("provision() goes on after a failure that may be ignored", async () => {
  const container = new Container({ a: { code: 1 }, b: "hangs" });
  const steps = [
    step("a", { continueOnError: true }),
    step("b", { continueOnError: true, timeout: 100 }),
    step("c"),
  ];
  const { events, error } = await run(container, steps);
  assert.equal(error, undefined);
  const failures = events.flatMap((event) => event.type === "step-failed" ? [event] : []);
  assert.deepEqual(failures.map(({ step, ignored }) => [step, ignored]), [["a", true], [
    "b",
    true,
  ]]);
  assert.match(
    failures[1]?.message ?? "",
    /took longer than 0.1 s .*; its last lines:\n {4}hanging$/,
  );
  assert.equal(brief(events).at(-1), "step-done c changed");
});

Deno.test("provision() says that the connection was lost, even where failures are ignored", async () => {
  const dropped = new PxrunError("UNREACHABLE", "pve01 went away");
  const container = new Container({ a: dropped });
  const { error } = await run(container, [step("a", { continueOnError: true })]);
  assert.ok(error instanceof PxrunError);
  assert.deepEqual([error.code, error.cause], ["UNREACHABLE", dropped]);
  assert.match(error.message, /step a: the connection was lost while this ran in container 105/);
});

/** A container whose connection is lost a number of times in what is called this. */
function loses(name: string, times: number, container: Container): SshTransport {
  let left = times;
  return {
    ...container.ssh,
    exec: (command, options = {}) => {
      const meant = name === "checks" ? /^check \d/m : new RegExp(`act-${name}`);
      if (left === 0 || !meant.test(String(options.stdin))) {
        return container.ssh.exec(command, options);
      }
      left--;
      return Promise.reject(new PxrunError("UNREACHABLE", "pve01 went away"));
    },
  };
}

Deno.test("provision() starts over on another connection what a lost one cut off", async () => {
  for (const name of ["checks", "a"]) {
    const container = new Container();
    const ssh = loses(name, 3, container);
    const { events, error } = await run({ ssh, reopen: () => Promise.resolve(ssh) }, [step("a")]);
    assert.equal(error, undefined);
    const warning = events.find(({ type }) => type === "warning");
    assert.match(warning && "message" in warning ? warning.message : "", /^pve01 went away; conn/);
    assert.deepEqual(brief(events).filter((line) => line !== "warning"), [
      "step-started a",
      "step-done a changed",
    ]);
    const ended = ["end", "end", "end"];
    assert.deepEqual(
      container.channels,
      name === "a" ? ["checks", ...ended, "a"] : [...ended, "checks", "a"],
    );
  }
});

Deno.test("provision() asks first whether a step that was cut off is done", async () => {
  const container = new Container();
  const scripts: string[] = [];
  const cut = loses("a", 1, container);
  const ssh: SshTransport = {
    ...cut,
    exec: (command, options = {}) => {
      scripts.push(String(options.stdin));
      return cut.exec(command, options);
    },
  };
  await run({ ssh, reopen: () => Promise.resolve(ssh) }, [step("a"), step("b")]);
  const [first = "", again = ""] = scripts.filter((script) => script.includes("act-a"));
  assert.doesNotMatch(first, /check-a[^]*act-a/);
  assert.match(again, /check-a\n\) && exit 0\n[^]*act-a/);
});

Deno.test("provision() gives up on a connection that is lost again and again", async () => {
  const container = new Container();
  const ssh = loses("a", 4, container);
  const { error } = await run({ ssh, reopen: () => Promise.resolve(ssh) }, [step("a")]);
  assert.match(
    String(error),
    /step a: the connection was lost while this ran .*: pve01 went away$/,
  );
  assert.deepEqual(container.channels, ["checks", "end", "end", "end"]);
});

Deno.test("provision() tries for a minute to get through again, and says why that failed", async () => {
  const quick = fastClock(100);
  const begun = quick.now();
  const refused = new PxrunError("UNREACHABLE", "pve01 refuses");
  let tries = 0;
  const reopen = (): Promise<never> => Promise.reject(tries++ < 1_000 ? refused : new Error("no"));
  const ssh = loses("a", 1, new Container());
  const { error } = await run({ ssh, reopen }, [step("a")], { clock: quick });
  assert.match(String(error), /pve01 went away; continuing did not work: pve01 refuses$/);
  assert.ok(error instanceof PxrunError);
  assert.equal(error.code, "UNREACHABLE");
  assert.ok(tries > 10, String(tries));
  assert.ok(quick.now() - begun >= 60_000);
});

Deno.test("provision() tells at once what no waiting for a connection helps", async () => {
  const hint = "is it another machine?";
  const refused = new PxrunError("UNREACHABLE", "pve01 refuses");
  const failures = [new PxrunError("UNTRUSTED", "another key", { hint }), refused];
  const reopen = (): Promise<never> => Promise.reject(failures.pop());
  const { error } = await run({ ssh: loses("a", 1, new Container()), reopen }, [step("a")]);
  assert.match(String(error), /continuing did not work: another key$/);
  assert.ok(error instanceof PxrunError);
  assert.deepEqual([error.code, error.hint], ["UNTRUSTED", hint]);
});

/** A connection over which nothing comes. */
const silent: SshTransport["exec"] = (_, { signal } = {}) =>
  new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });

Deno.test("provision() tries on when the next connection falls silent", async () => {
  const container = new Container();
  const ssh = loses("a", 1, container);
  const ways: SshTransport[] = [ssh, { ...ssh, exec: silent }];
  const reopen = (): Promise<SshTransport> => Promise.resolve(ways.pop() ?? ssh);
  const { error } = await run({ ssh, reopen }, [step("a")], { clock: fastClock(50) });
  assert.equal(error, undefined);
  assert.deepEqual(container.channels, ["checks", "end", "a"]);
});

Deno.test("provision() does not go on past what could not be ended in time", async () => {
  const ssh = loses("a", 1, new Container());
  const reopen = (): Promise<SshTransport> => Promise.resolve({ ...ssh, exec: silent });
  const steps = [step("a", { continueOnError: true }), step("b")];
  const { events, error } = await run({ ssh, reopen }, steps, { clock: fastClock(1_000) });
  assert.match(
    String(error),
    /continuing did not work: ending what was cut off .* longer than 20 s$/,
  );
  assert.ok(error instanceof PxrunError);
  assert.equal(error.code, "UNREACHABLE");
  assert.equal(brief(events).at(-1), "step-failed a");
});

Deno.test("provision() takes half a line that was cut off for a line", async () => {
  const container = new Container({ a: { code: 0, chunks: ["whole\n"] } });
  let cut = false;
  const ssh: SshTransport = {
    ...container.ssh,
    exec: (command, options = {}) => {
      if (cut || !String(options.stdin).includes("act-a")) {
        return container.ssh.exec(command, options);
      }
      cut = true;
      announce(options);
      options.onStdout?.(new TextEncoder().encode("hal"));
      return Promise.reject(new PxrunError("UNREACHABLE", "pve01 went away"));
    },
  };
  const { events } = await run({ ssh, reopen: () => Promise.resolve(ssh) }, [step("a")]);
  assert.deepEqual(
    events.flatMap((event) =>
      event.type === "output" ? [event.text] : event.type === "warning" ? ["lost"] : []
    ),
    ["hal", "lost", "whole"],
  );
});

Deno.test("provision() ends at once on an abort while it connects again, and says what may be left", async () => {
  const control = new AbortController();
  const reason = new Error("enough");
  const reopen = (): Promise<never> => {
    control.abort(reason);
    return Promise.reject(new PxrunError("UNREACHABLE", "pve01 refuses"));
  };
  const ssh = loses("a", 1, new Container());
  const { events, error } = await run({ ssh, reopen }, [step("a")], { signal: control.signal });
  assert.equal(error, reason);
  const warnings = events.flatMap((event) => event.type === "warning" ? [event.message] : []);
  assert.match(
    warnings.at(-1) ?? "",
    /^what was cut off may still run in container 105: see what runs in it/,
  );
});

Deno.test("provision() lets other failures of the way in through", async () => {
  const stopped = new PxrunError("FAILED", "container 105 does not run");
  assert.equal((await run(new Container({ a: stopped }), [step("a")])).error, stopped);
  assert.equal((await run(new Container({ checks: stopped }), [step("a")])).error, stopped);
});

Deno.test("provision() fails when a check was not reached", async () => {
  const container = new Container({ checks: { code: 137 } });
  const { error } = await run(container, [step("a"), step("b")]);
  assert.match(
    String(error),
    /step a: .* its check was not reached: it ended with exit status 137 \(killed by KILL/,
  );
});

Deno.test("provision() says that it cannot see what is to be done when the checks take too long", async () => {
  const { error } = await run(new Container({ checks: "hangs" }), [step("a")], {
    clock: fastClock(1_000),
  });
  assert.ok(error instanceof PxrunError && error.code === "TIMEOUT");
  assert.match(error.message, /^cannot see what is to be done: .* took longer than/);
});

Deno.test("provision() ends the step and rejects with the reason on abort", async () => {
  const container = new Container({ a: "hangs" });
  const control = new AbortController();
  const reason = new PxrunError("TIMEOUT", "the caller's own");
  const events = provision({
    ssh: container.ssh,
    vmid: 105,
    steps: [step("a", { continueOnError: true })],
    clock,
    signal: control.signal,
  });
  await assert.rejects(async () => {
    for await (const event of events) if (event.type === "output") control.abort(reason);
  }, reason);
  assert.deepEqual(container.channels, ["checks", "a", "end"]);
});

Deno.test("provision() ends the step when nobody listens any more", async () => {
  const container = new Container({ a: "hangs" });
  const steps = [step("a")];
  for await (const event of provision({ ssh: container.ssh, vmid: 105, steps, clock })) {
    if (event.type === "output") break;
  }
  assert.deepEqual(container.channels, ["checks", "a", "end"]);
});
