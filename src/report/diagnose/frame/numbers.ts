/**
 * Numbers that prove something, in the order in which people read them. A name is a key of the JSON and, with
 * spaces for `_`, what people read; its end tells the kind.
 */
export type Numbers = Readonly<Record<string, number>>;

/** The same before those that are not known, or say nothing, are left out. */
export type OptionalNumbers = Readonly<Record<string, number | null | undefined>>;

/** What a number is: durations and points in time are microseconds, rates are per second. */
export type NumberKind = 'count' | 'duration' | 'time' | 'rate' | 'percent';

/** Ends of names and what they mean; the first that fits counts. */
const KINDS: readonly (readonly [end: RegExp, kind: NumberKind])[] = [
  [/_(at|from)_us$/, 'time'],
  [/_us$/, 'duration'],
  [/_per_s$/, 'rate'],
  [/_percent$/, 'percent'],
];

/** The kind of a number, by its name. */
export function kindOf(name: string): NumberKind {
  return KINDS.find(([end]) => end.test(name))?.[1] ?? 'count';
}

/** Those that are known, in their order. */
export function knownNumbers(numbers: OptionalNumbers): Numbers {
  return Object.fromEntries(
    Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] != null),
  );
}

/** A number that says nothing if it is 0. */
export function ifAny(n: number): number | undefined {
  return n > 0 ? n : undefined;
}
