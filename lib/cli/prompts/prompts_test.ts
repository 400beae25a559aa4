import assert from "node:assert/strict";
import { testPlatform } from "../../../tests/support/platform.ts";
import { Interrupted } from "../../core/errors.ts";
import type { Key, KeyListener, Platform } from "../../core/platform.ts";
import { style } from "../../render/style.ts";
import { editor, type Prompt, WentBack } from "./prompt.ts";
import {
  ask,
  choose,
  confirmPrompt,
  hidden,
  listPrompt,
  secretPrompt,
  textPrompt,
} from "./prompts.ts";

const plain = style(false);
const named = (name: string, ctrl = false): Key => ({ name, ctrl, text: "" });
const enter = named("return");

/** The keys that type a text. */
function typed(text: string): Key[] {
  return [...text].map((one) => ({ name: one, ctrl: false, text: one }));
}

/** Presses keys, and gives the answer of the last one. */
function press<T>(prompt: Prompt<T>, ...keys: readonly Key[]): T | undefined {
  const [last, ...others] = keys.toReversed();
  for (const key of others.toReversed()) assert.equal(prompt.onKey(key), undefined);
  return last && prompt.onKey(last)?.value;
}

/** A platform with a keyboard: what is pressed goes to the question that listens. */
function withKeyboard() {
  const platform = testPlatform({ env: { TERM: "xterm" } });
  const listeners = new Set<KeyListener>();
  const waiting = Promise.withResolvers<void>();
  const keyboard = {
    listen(listener: KeyListener) {
      listeners.add(listener);
      // It is drawn by then.
      setTimeout(waiting.resolve);
      return Promise.resolve(() => void listeners.delete(listener));
    },
  };
  const edited: Platform = { ...platform, terminal: { ...platform.terminal, keyboard } };
  return {
    platform: edited,
    listeners,
    asked: waiting.promise,
    /** With ESC for the character that begins a move. */
    stderr: () => platform.stderr().replaceAll("\x1b", "ESC"),
    press: (...keys: readonly Key[]) => {
      for (const key of keys) listeners.forEach(({ onKey }) => onKey(key));
    },
  };
}

Deno.test("editor() edits at the cursor, whole characters, as a shell does", () => {
  const line = editor();
  const after = (...keys: readonly Key[]): string => {
    keys.forEach((key) => line.onKey(key));
    return `${line.before}|${line.text.slice(line.before.length)}`;
  };
  assert.equal(after(...typed("a語🙂c"), named("left"), named("backspace")), "a語|c");
  assert.equal(after(named("home"), named("delete"), ...typed("x")), "x|語c");
  assert.equal(after(named("e", true), ...typed(" two three"), named("w", true)), "x語c two |");
  assert.equal(after(named("a", true), named("f", true), named("k", true)), "x|");
  assert.equal(after(named("u", true), named("backspace"), named("up")), "|");
});

Deno.test("textPrompt() says what is wrong below, until a key is pressed", () => {
  const prompt = textPrompt((text) => text === "web" ? undefined : `not ${text}`);
  assert.equal(press(prompt, ...typed(" we"), enter), undefined);
  assert.deepEqual(prompt.render(plain, 80), { line: " we", before: " we", below: ["> not we"] });
  prompt.onKey(typed("b")[0] ?? enter);
  assert.deepEqual(prompt.render(plain, 80).below, []);
  assert.equal(press(prompt, enter), "web");
});

Deno.test("textPrompt() takes what it proposes by Enter, and by Tab to be edited", () => {
  const anything = (): undefined => undefined;
  assert.equal(textPrompt(anything, "2/1024").render(plain, 80).line, "(2/1024)");
  assert.equal(press(textPrompt(anything, "2/1024"), enter), "2/1024");
  assert.equal(press(textPrompt(anything, "ab"), named("tab"), named("backspace"), enter), "a");
});

Deno.test("confirmPrompt() takes Enter for what it proposes, and only a yes for a yes", () => {
  for (
    const [initial, text, expected] of [
      [true, "", true],
      [true, "n", false],
      [true, "what", true],
      [false, "", false],
      [false, "YES", true],
      [false, "yeah", false],
    ] as const
  ) {
    assert.equal(press(confirmPrompt(initial), ...typed(text), enter), expected, text);
  }
});

Deno.test("listPrompt() leaves what holds the text, and moves around its ends", () => {
  const choices = Array.from({ length: 12 }, (_, index) => ({ value: `debian-${index}` }));
  const prompt = listPrompt(choices);
  const shown = (): readonly string[] => prompt.render(plain, 80).below ?? [];
  assert.deepEqual([shown().length, shown()[0], shown()[9]], [11, "❯ debian-0", "  debian-9"]);
  prompt.onKey(named("up"));
  assert.equal(shown()[9], "❯ debian-11");
  press(prompt, ...typed("-1"));
  assert.deepEqual(shown().slice(0, -1), ["❯ debian-1", "  debian-10", "  debian-11"]);
  prompt.onKey(named("down"));
  assert.equal(press(prompt, ...typed("x"), enter), undefined);
  assert.deepEqual(shown().slice(0, -1), ["> nothing holds that"]);
  assert.equal(press(prompt, named("backspace"), named("down"), enter), "debian-10");
});

Deno.test("secretPrompt() shows nothing of what is typed", () => {
  const prompt = secretPrompt();
  assert.equal(press(prompt, ...typed("hunter2")), undefined);
  assert.doesNotMatch(JSON.stringify(prompt.render(plain, 80)), /hunter/);
  assert.equal(press(prompt, enter), "hunter2");
  assert.equal(prompt.shown("hunter2"), "");
});

Deno.test("ask() draws over what it drew, and leaves the answer", async () => {
  const { platform, asked, press, stderr, listeners } = withKeyboard();
  const answer = ask(platform, "Hostname", () => undefined);
  await asked;
  press(...typed("web"), enter, ...typed("pasted"), enter);
  assert.equal(await answer, "web");
  assert.equal(listeners.size, 0);
  assert.ok(stderr().endsWith("\rESC[J✓ Hostname web\n"), JSON.stringify(stderr()));
  assert.match(stderr(), /\? Hostname weESC\[14G\rESC\[J\? Hostname webESC\[15G/);
});

Deno.test("choose() goes to the row and the column of what is typed, also behind a folded question", async () => {
  const { platform, asked, press, stderr } = withKeyboard();
  const narrow = { ...platform, terminal: { ...platform.terminal, columns: () => 24 } };
  const answer = choose(narrow, "Which of all these templates", [{ value: "a" }, { value: "語" }]);
  await asked;
  press(...typed("語"));
  // Two rows of the question, one choice, and the tip in two; the cursor is in the second row.
  assert.match(stderr(), /\? Which of all these\n *templates 語\n❯ 語\n[^]*ESC\[\dAESC\[\d+G$/);
  press(enter);
  assert.equal(await answer, "語");
});

Deno.test("a question ends on Ctrl-C, on Ctrl-D in an empty line, at the end of input, and on Esc where it goes back", async () => {
  const cases: [
    KeyListener["onKey"] extends (key: infer K) => void ? K | "end" : never,
    boolean,
  ][] = [[named("c", true), false], [named("d", true), false], ["end", false], [
    named("escape"),
    true,
  ]];
  for (const [key, back] of cases) {
    const { platform, asked, press, listeners } = withKeyboard();
    const ended = ask(platform, "Hostname", () => undefined, { back });
    await asked;
    if (key === "end") listeners.forEach(({ onEnd }) => onEnd());
    else press(key);
    await assert.rejects(ended, back ? WentBack : Interrupted);
    assert.equal(listeners.size, 0);
  }
});

Deno.test("a question ends with its signal, and takes Ctrl-D within a text and Esc for no end", async () => {
  const { platform, asked, press } = withKeyboard();
  const control = new AbortController();
  const ended = hidden(platform, "password", "none", control.signal);
  await asked;
  press(...typed("a"), named("d", true), named("escape"));
  control.abort(new Interrupted("the list"));
  await assert.rejects(ended, { code: "INTERRUPTED", message: /answering the questions/ });
});
