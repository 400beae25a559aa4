import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import {
  apiToken,
  createRest,
  ProxmoxError,
  type Rest,
  TaskFailed,
  tlsTransport,
  waitForTask,
} from "../../lib/proxmox/mod.ts";
import { Secret } from "../../lib/core/secret.ts";
import { selfSigned } from "../support/certificate.ts";
import { instantClock, scriptedRest } from "../support/scripted_rest.ts";
import { tlsServer } from "../support/tls_server.ts";
import { type Asked, asText, callFor } from "./decode_calls.ts";
import { EXITS, kindOf, REFUSALS, WITHOUT_FUNCTION } from "./decode_table.ts";

/** One exchange with a real node. */
interface Recorded {
  readonly label: string;
  /** Null where only bytes were recorded. */
  readonly method: Asked["method"] | null;
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>> | string | null;
  readonly encoding: string | null;
  readonly status: number | null;
  readonly reason: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of `body` where that was no JSON. */
  readonly text?: string;
  readonly raw_request?: string;
  readonly raw_response?: string;
}

const FIXTURE = new URL("./fixtures/http.jsonl", import.meta.url);
/** Not part of the project: a clone without it has the fixture. */
const RECORDING = new URL("../../../shared/pve/http.jsonl", import.meta.url);
const RECORDED_LINES = 644;

function read(file: URL): Recorded[] {
  return readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
}

const sources: Record<string, Recorded[]> = { fixture: read(FIXTURE) };
if (existsSync(RECORDING)) sources["recording"] = read(RECORDING);

/** What was asked, also where only the bytes of the request are known. */
function asked({ method, path, params, raw_request }: Recorded): Asked {
  const [verb = "", target = ""] = raw_request?.split(" ") ?? [];
  return {
    // HEAD and OPTIONS are not the client's: their replies are read as if to a GET.
    method: method ?? (verb === "POST" ? "POST" : "GET"),
    path: decodeURIComponent((raw_request === undefined ? path : target).split("?")[0] ?? "")
      .replace(/^\/api2\/json/, "").replace(/(?<=.)\/$/, ""),
    params: typeof params === "string" ? {} : params ?? {},
  };
}

/** The reply as it came over the wire. */
function bytes({ status, reason, headers, body, text, raw_response }: Recorded): string {
  if (raw_response !== undefined) return raw_response;
  const content = text ?? (body === null || body === undefined ? "" : JSON.stringify(body));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = new TextEncoder().encode(content).length;
  return `HTTP/1.1 ${status} ${reason}\r\n${lines}Content-Length: ${length}\r\n\r\n${content}`;
}

/** The node's words for a refusal, as the table spells them; undefined for a success. */
function refusalIn(recorded: Recorded): string | undefined {
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

function dataOf(recorded: Recorded): unknown {
  const body = recorded.raw_response?.split("\r\n\r\n")[1];
  return (body === undefined ? recorded.body : JSON.parse(body)).data;
}

/** Sends each recorded reply over one real TLS connection or another, and has it decoded. */
async function replay(
  lines: Recorded[],
  each: (rest: Rest, recorded: Recorded, sent: () => Asked) => Promise<void>,
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
      assert.equal(server.requests.length, before + 1, "one request");
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

for (const [name, lines] of Object.entries(sources)) {
  Deno.test(`decodeReply() and its readers decode every reply of the ${name}`, async () => {
    const refused = new Set<string>();
    const unknown = new Set<string>();
    let decoded = 0;
    await replay(lines, async (rest, recorded, sent) => {
      const what = `${recorded.label}: ${recorded.method} ${recorded.path}`;
      const request = asked(recorded);
      const call = callFor(request);
      if (!call.known) unknown.add(`${request.method} ${request.path}`);
      const words = refusalIn(recorded);
      if (words === undefined) {
        call.check(await call.run(rest), dataOf(recorded));
      } else {
        refused.add(words);
        const kind = kindOf(REFUSALS, words) ?? assert.fail(`not in the table: ${words}`);
        await assert.rejects(call.run(rest), (error: unknown) => {
          assert.ok(error instanceof ProxmoxError, `${what}: ${error}`);
          assert.equal(error.name, kind, what);
          return true;
        });
      }
      assert.equal(sent().path, request.path, what);
      assert.equal(sent().method, request.method, what);
      // What a form carried on the real node is what the client puts into it.
      if (recorded.encoding === "form" && !("skiplock" in request.params)) {
        assert.deepEqual(sent().params, asText(request.params), what);
      }
      decoded++;
    });
    assert.equal(decoded, lines.length);
    assert.deepEqual([...unknown].filter((call) => !WITHOUT_FUNCTION.includes(call)), []);
    if (name === "recording") {
      assert.equal(decoded, RECORDED_LINES);
      const stale = Object.values(REFUSALS).flat().filter((words) => !refused.has(words));
      assert.deepEqual(stale, []);
      assert.deepEqual([...unknown].sort(), WITHOUT_FUNCTION);
    }
  });

  Deno.test(`waitForTask() gives each failed task of the ${name} its kind`, async () => {
    const failed = new Set<string>();
    for (const { path, body } of lines) {
      if (!/\/tasks\/UPID.*\/status$/.test(path)) continue;
      const data = (body as { data: Record<string, string> | null }).data;
      const exitstatus = data?.["exitstatus"];
      if (exitstatus === undefined || /^(?:OK$|WARNINGS)/.test(exitstatus)) continue;
      const words = exitstatus.replace(/lxc-usernsexec .* failed/, "lxc-usernsexec … failed");
      failed.add(words);
      const kind = kindOf(EXITS, words) ?? assert.fail(`not in the table: ${words}`);
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
    assert.ok(failed.size > 0);
    if (name === "recording") {
      assert.deepEqual([...failed].sort(), Object.values(EXITS).flat().sort());
    }
  });
}
