import assert from "node:assert/strict";
import { readSshRecordings, sshNames } from "./ssh_recordings.ts";
import { replaySsh } from "./ssh_replay.ts";

/** Commands that are not answered as recorded, by name, each with its reason. */
function readOpen(): Map<string, string> {
  const text = Deno.readTextFileSync(new URL("./open_ssh.txt", import.meta.url));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(" -- ");
    return [line.slice(0, at), line.slice(at + 4)];
  }));
}

Deno.test("startSshServers() answers the recorded commands as the recorded node did", async () => {
  const recordings = readSshRecordings();
  const compared = await replaySsh(recordings);
  const open = readOpen();
  const wrong = [...compared].filter(([name, lines]) => lines.length > 0 && !open.has(name));
  assert.deepEqual(wrong, [], "differs, and is not listed in open_ssh.txt");
  const stale = [...open.keys()].filter((name) =>
    compared.get(name)?.length !== 1 && !compared.get(name)?.length
  );
  assert.deepEqual(
    stale,
    [],
    "is listed in open_ssh.txt, and answers well or is no longer recorded",
  );
  assert.ok(open.size <= 50, `${open.size} commands are open`);
  assert.ok([...open.values()].every((reason) => reason.length > 10), "each has a reason");
});

Deno.test("readSshRecordings() reads every command of both sets", () => {
  for (const [set, count] of [["session", 230], ["day2", 414]] as const) {
    const recordings = readSshRecordings(set);
    assert.equal(recordings.length, count);
    assert.equal(new Set(sshNames(recordings)).size, count);
    for (const { label, command, exit, stdout, stderr, ms } of recordings) {
      assert.ok(exit === null || Number.isInteger(exit), label);
      assert.deepEqual(
        [command, stdout, stderr, ms].map((value) => typeof value),
        ["string", "string", "string", "number"],
        label,
      );
    }
  }
});
