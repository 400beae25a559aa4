import assert from "node:assert/strict";
import { apiToken, createRest, type Rest, TaskFailed, tlsTransport, waitForTask } from "./api.ts";
import { PxrunError } from "../../lib/core/errors.ts";
import { Secret } from "../../lib/core/secret.ts";
import { selfSigned } from "../support/certificate.ts";
import { instantClock, scriptedRest } from "../support/scripted_rest.ts";
import { tlsServer } from "../support/tls_server.ts";
import { type Asked, asText, callFor } from "./decode_calls.ts";
import { DAY2_EXITS, DAY2_REFUSALS, DAY2_WITHOUT_FUNCTION } from "./decode_day2_table.ts";
import { EXITS, kindOf, REFUSALS, WITHOUT_FUNCTION } from "./decode_table.ts";
import { readRecordings, type Recording, type RecordingSet } from "./recordings.ts";
import { endpointOf, readSchema } from "./schema.ts";

const SETS = {
  session: { lines: 644, refusals: REFUSALS, exits: EXITS, unread: WITHOUT_FUNCTION },
  day2: {
    // The node closed two more connections without a reply.
    lines: 3_337,
    refusals: DAY2_REFUSALS,
    exits: DAY2_EXITS,
    unread: DAY2_WITHOUT_FUNCTION,
  },
} as const;

/** The lines of a set that have a reply. */
function replies(set: RecordingSet): Recording[] {
  return [...readRecordings(set).values()]
    .filter(({ status, raw_response }) => status !== null || raw_response !== undefined);
}

/** What was asked, also where only the bytes of the request are known. */
function asked({ method, path, params, raw_request }: Recording): Asked {
  const [verb = "", target = ""] = raw_request?.split(" ") ?? [];
  return {
    // HEAD and OPTIONS are not the client's: their replies are read as if to a GET.
    method: method as Asked["method"] ?? (verb === "POST" ? "POST" : "GET"),
    path: decodeURIComponent((raw_request === undefined ? path ?? "" : target).split("?")[0] ?? "")
      .replace(/^\/api2\/json/, "").replace(/(?<=.)\/$/, ""),
    params: typeof params === "string" ? {} : params ?? {},
  };
}

/** The reply as it came over the wire. */
function bytes({ status, reason, headers, body, text, raw_response }: Recording): string {
  if (raw_response !== undefined) return raw_response;
  const content = text ?? (body === null || body === undefined ? "" : JSON.stringify(body));
  const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`).join(
    "",
  );
  const length = new TextEncoder().encode(content).length;
  return `HTTP/1.1 ${status} ${reason}\r\n${lines}Content-Length: ${length}\r\n\r\n${content}`;
}

/** The node's words for a refusal, as the table spells them; undefined for a success. */
function refusalIn(recorded: Recording): string | undefined {
  const [, status = "", reason = ""] = /^HTTP\/1.1 (\d+) ([^\r]*)/.exec(bytes(recorded)) ?? [];
  const body = recorded.body as { errors?: Record<string, string>; message?: string } | null;
  if (status === "200") {
    const json = bytes(recorded).includes("application/json");
    return json ? undefined : `${status} ${reason}`;
  }
  const errors = Object.entries(body?.errors ?? {}).map(([name, text]) =>
    `${name}: ${text.trim().replaceAll(/\n+/g, " / ")}`
  );
  return `${status} ${errors.length > 0 ? errors.join("; ") : (body?.message ?? reason).trim()}`;
}

function dataOf(recorded: Recording): unknown {
  const body = recorded.raw_response?.split("\r\n\r\n")[1];
  return (body === undefined ? recorded.body : JSON.parse(body)).data;
}

/** Sends each recorded reply over one real TLS connection or another, and has it decoded. */
async function replay(
  lines: Recording[],
  each: (rest: Rest, recorded: Recording, sent: () => Asked) => Promise<void>,
): Promise<void> {
  const certificate = await selfSigned();
  let reply = "";
  await using server = await tlsServer(certificate, (_request, socket) => {
    if (/^connection: close/im.test(reply)) socket.end(reply);
    else socket.write(reply);
  });
  await using rest = createRest({
    transport: tlsTransport({ baseUrl: server.url, trust: certificate }),
    authentication: apiToken({ id: "root@pam!pxrun", secret: new Secret("s3cret") }),
    clock: instantClock(),
  });
  for (const recorded of lines) {
    reply = bytes(recorded);
    const before = server.requests.length;
    await each(rest, recorded, () => {
      const count = server.requests.length - before;
      // A node that could not be reached by the one that was asked is worth another try.
      const again = recorded.status === 596 || /^hostname lookup/.test(recorded.reason ?? "");
      assert.ok(
        again ? count > 1 : count === 1,
        `${recorded.label}: ${count} requests`,
      );
      const { method, path, body } = server.requests[before] ?? assert.fail();
      const url = new URL(path, "https://node");
      const form = method === "GET" || method === "DELETE" ? url.search : body;
      return {
        method: method as Asked["method"],
        path: decodeURIComponent(url.pathname).replace(/^\/api2\/json/, ""),
        params: Object.fromEntries(new URLSearchParams(form)),
      };
    });
  }
}

/** What names a call without a function: its endpoint, or where there is none what was asked. */
function unreadName(set: RecordingSet, { method, path }: Asked): string {
  const endpoint = set === "day2" ? endpointOf(readSchema(), method, path) : undefined;
  return endpoint ?? `${method} ${path}`;
}

const sorted = (words: Iterable<string>): string[] => [...words].sort();

for (const set of ["session", "day2"] as const) {
  const { refusals, exits, unread } = SETS[set];
  const lines = replies(set);

  Deno.test(`decodeReply() and its readers decode every recorded reply (${set})`, async () => {
    const refused = new Set<string>();
    const unknown = new Set<string>();
    await replay(lines, async (rest, recorded, sent) => {
      const what = `${recorded.label}: ${recorded.method} ${recorded.path}`;
      const request = asked(recorded);
      const call = callFor(request);
      if (!call.known) unknown.add(unreadName(set, request));
      const words = refusalIn(recorded);
      if (words === undefined) {
        await label(what, async () => call.check(await call.run(rest), dataOf(recorded)));
      } else {
        refused.add(words);
        const kind = kindOf(refusals, words) ?? assert.fail(`not in the table: ${words}`);
        await assert.rejects(call.run(rest), (error: unknown) => {
          assert.ok(error instanceof PxrunError, `${what}: ${error}`);
          assert.equal(error.name, kind, what);
          return true;
        });
      }
      assert.equal(sent().path, request.path, what);
      assert.equal(sent().method, request.method, what);
      // What a form carried on the real node is what the client puts into it.
      if (recorded.encoding === "form" && !("skiplock" in request.params)) {
        const recordedParams = Object.entries(asText(request.params))
          // Not every option of a later day is one of the client's.
          .filter(([name]) => set === "session" || name in sent().params);
        assert.deepEqual(sent().params, Object.fromEntries(recordedParams), what);
      }
    });
    assert.equal(lines.length, SETS[set].lines);
    assert.deepEqual(sorted(refused), sorted(Object.values(refusals).flat()));
    assert.deepEqual(sorted(unknown), sorted(unread));
  });

  Deno.test(`waitForTask() gives each recorded task that failed its kind (${set})`, async () => {
    const failed = new Set<string>();
    for (const { path, body } of lines) {
      if (!/\/tasks\/UPID.*\/status$/.test(path ?? "")) continue;
      const data = (body as { data: Record<string, string> | null }).data;
      const exitstatus = data?.["exitstatus"];
      if (exitstatus === undefined || /^(?:OK$|WARNINGS)/.test(exitstatus)) continue;
      const words = exitstatus.replace(/lxc-usernsexec .* failed/, "lxc-usernsexec … failed");
      failed.add(words);
      const kind = kindOf(exits, words) ?? assert.fail(`not in the table: ${words}`);
      const { rest, clock } = scriptedRest((request) => ({
        data: request.path.includes("/log?") ? [] : data,
      }));
      await assert.rejects(
        waitForTask(rest, String(data?.["upid"]), { clock }),
        (error: unknown) => {
          assert.ok(error instanceof TaskFailed);
          assert.equal(error.exitstatus, exitstatus);
          assert.equal(error.reason.name, kind, exitstatus);
          return true;
        },
      );
    }
    assert.deepEqual(sorted(failed), sorted(Object.values(exits).flat()));
  });
}

/** Puts in front of a failure which exchange it is about. */
async function label(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Error(what, { cause: error });
  }
}
