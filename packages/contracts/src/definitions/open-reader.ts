import * as z from 'zod';

declare const unrecognized: unique symbol;

/** A value that a later release wrote and this one does not know. It is carried, never interpreted. */
export type Unrecognized = string & { readonly [unrecognized]: true };

/** The payload of an event as its reader sees it: each closed set of words may hold a word of a later release. */
export type Open<T> = T extends string
  ? string extends T
    ? T
    : T | Unrecognized
  : T extends bigint | number | boolean | undefined | null
    ? T
    : T extends readonly (infer Item)[]
      ? Open<Item>[]
      : T extends object
        ? { [Key in keyof T]: Open<T[Key]> }
        : T;

/** Longest word of a set that a reader carries without knowing it. */
const WORD_LENGTH_MAX = 120;

/**
 * Derives the schema by which an event is read from the one by which it is written: unknown fields are left out at any
 * depth, and a word or variant that a later release added is carried. So the previous release reads what the next writes.
 * TypeScript keeps writers to the closed sets.
 */
export function openReader(schema: z.ZodType): z.ZodType {
  const def = schema._zod.def as unknown as {
    type: string;
    shape?: Record<string, z.ZodType>;
    innerType?: z.ZodType;
    element?: z.ZodType;
    options?: z.ZodType[];
    discriminator?: string;
    defaultValue?: unknown;
  };
  switch (def.type) {
    case 'object':
      return z.object(
        Object.fromEntries(Object.entries(def.shape!).map(([name, field]) => [name, openReader(field)])),
      );
    case 'enum':
      return z
        .string()
        .max(WORD_LENGTH_MAX)
        .meta({ ...schema.meta() });
    case 'union':
      return z.union([
        ...def.options!.map(openReader),
        ...(def.discriminator === undefined
          ? []
          : [z.looseObject({ [def.discriminator]: z.string().max(WORD_LENGTH_MAX) })]),
      ] as [z.ZodType, ...z.ZodType[]]);
    case 'optional':
      return openReader(def.innerType!).optional();
    case 'nullable':
      return openReader(def.innerType!).nullable();
    case 'default':
      return openReader(def.innerType!).default(def.defaultValue as never);
    case 'array':
      return z.array(openReader(def.element!));
    default:
      return schema;
  }
}
