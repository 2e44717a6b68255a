import fc from 'fast-check';

/** Values in place of others: wrong types, and the values just outside of what schemas allow. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 53),
  1e308,
  '',
  ' ',
  '\u0001',
  '1',
  'pay_',
  'x'.repeat(40_000),
  '\ud800',
  [],
  {},
  [[]],
  { kind: 'nothing' },
  { toString: 1 },
];
/** Names that a reader might confuse with those of its own objects. */
const NAMES = ['further', 'constructor', 'toString', 'ownerId', 'evidence', ''];

/** A change of one part of a value: of a field, an item or the whole. */
type Change = (value: unknown) => unknown;

/** Returns values that differ in one part from those of an arbitrary. A schema may still accept one. */
export function nearlyOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(values, fc.nat(), change)
    .map(([value, at, apply]) => changedAt(value, placesIn(value), at, apply));
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>(() => undefined),
  fc.constantFrom(...STRANGE).map(
    (strange): Change =>
      () =>
        strange,
  ),
  fc.constantFrom(...NAMES).map(
    (name): Change =>
      (value) =>
        withMember(value, name),
  ),
  fc.string({ unit: 'grapheme', maxLength: 3 }).map(
    (text): Change =>
      (value) =>
        appended(value, text),
  ),
);

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inside = Array.isArray(value)
    ? value.flatMap((one, index) => placesIn(one, [...at, index]))
    : Object.entries(value).flatMap(([name, one]) => placesIn(one, [...at, name]));
  return [at, ...inside];
}

/** Applies a change at a place. A part that becomes `undefined` is left out; the whole becomes `null`. */
function changedAt(value: unknown, places: readonly Place[], at: number, apply: Change): unknown {
  const place = places[at % places.length]!;
  return changed(value, place, apply) ?? null;
}

function changed(value: unknown, [first, ...rest]: Place, apply: Change): unknown {
  if (first === undefined) return apply(value);
  if (Array.isArray(value)) return value.map((one, at) => (at === first ? changed(one, rest, apply) : one));
  const entries = Object.entries(value as object).map(([name, one]) => [
    name,
    name === first ? changed(one, rest, apply) : one,
  ]);
  return Object.fromEntries(entries);
}

function withMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...value, [name]: 1 }
    : name;
}

function appended(value: unknown, text: string): unknown {
  if (typeof value === 'string') return value + text;
  return typeof value === 'number' ? value + 0.5 : [value];
}
