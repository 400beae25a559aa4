const NAMES = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
} as const;

/** A signal's name without `SIG`. */
export type SignalName = keyof typeof NAMES;

/** The number of a signal. */
export const SIGNAL: Readonly<Record<SignalName, number>> = NAMES;

/** Every name with its number, in order. */
export const SIGNALS: readonly (readonly [string, number])[] = Object.entries(NAMES);

/** The number that `TERM`, `SIGTERM`, `sigterm` or `15` stands for. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number <= 64 ? number : undefined;
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  return SIGNALS.find(([known]) => known === name)?.[1];
}

/** The name of a signal's number, the number itself where it has none. */
export function signalName(number: number): string {
  return SIGNALS.find(([, known]) => known === number)?.[0] ?? String(number);
}

/** Signals that do nothing to a process that does not care for them. */
export function isHarmless(number: number): boolean {
  return number === 0 || number === SIGNAL.CHLD || number === SIGNAL.CONT;
}
