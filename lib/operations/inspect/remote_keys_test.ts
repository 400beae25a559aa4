import assert from "node:assert/strict";
import type { Fetch } from "../../core/platform.ts";
import { systemClock as clock } from "../../host/clock.ts";
import { fetchKeys } from "./remote_keys.ts";

const URL = "https://keys.example/me.keys";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOneOneOneOneOneOneOneOneOneOneOneOneOneOneOne";

/** A site that answers by address, and what it was asked. */
function site(
  answers: Readonly<Record<string, () => Response>>,
): { fetch: Fetch; asked: string[] } {
  const asked: string[] = [];
  const fetch: Fetch = (url) => {
    asked.push(url);
    return Promise.resolve(answers[url]?.() ?? new Response("nothing", { status: 404 }));
  };
  return { fetch, asked };
}

const redirect = (location: string) => (): Response =>
  new Response("", { status: 302, headers: { location } });

Deno.test("fetchKeys() gives the lines with keys", async () => {
  const { fetch } = site({ [URL]: () => new Response(`# mine\r\n${KEY}\r\n\r\n${KEY} two`) });
  assert.equal(
    new TextDecoder().decode(await fetchKeys(URL, { fetch: fetch, clock })),
    `${KEY}\n${KEY} two\n`,
  );
});

Deno.test("fetchKeys() follows redirects, but only to HTTPS and not indefinitely", async () => {
  const moved = site({
    [URL]: redirect("/other"),
    "https://keys.example/other": () => new Response(KEY),
  });
  assert.ok((await fetchKeys(URL, { fetch: moved.fetch, clock })).length > 0);
  const plain = site({ [URL]: redirect("http://keys.example/me.keys") });
  await assert.rejects(fetchKeys(URL, { fetch: plain.fetch, clock }), {
    message: `${URL} leads to an address without HTTPS`,
  });
  assert.deepEqual(plain.asked, [URL]);
  const circle = site({ [URL]: redirect(URL) });
  await assert.rejects(fetchKeys(URL, { fetch: circle.fetch, clock }), {
    message: /more than 5 times/,
  });
  assert.equal(circle.asked.length, 6);
});

Deno.test("fetchKeys() refuses what is no list of keys", async () => {
  const answers: [() => Response, RegExp][] = [
    [() => new Response("", { status: 404 }), /answers 404/],
    [() => new Response("\n"), /holds no public key/],
    [() => new Response("<!doctype html>"), /something else than public keys/],
    [() => new Response(`${KEY}\nhello`), /something else than public keys/],
    [() => new Response("x".repeat(300_000)), /more than a list of keys/],
  ];
  for (const [answer, message] of answers) {
    await assert.rejects(fetchKeys(URL, { fetch: site({ [URL]: answer }).fetch, clock }), {
      code: "FAILED",
      message,
    });
  }
});

Deno.test("fetchKeys() tells a site that cannot be reached from an interruption", async () => {
  const broken: Fetch = () => Promise.reject(new TypeError("dns error"));
  await assert.rejects(fetchKeys(URL, { fetch: broken, clock }), {
    code: "UNREACHABLE",
    message: /keys.example.*dns error/,
  });
  const reason = new Error("interrupted");
  const waiting: Fetch = (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const control = new AbortController();
  const fetching = fetchKeys(URL, { fetch: waiting, clock }, control.signal);
  control.abort(reason);
  await assert.rejects(fetching, reason);
});
