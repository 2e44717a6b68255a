import * as z from 'zod';

declare const unrecognized: unique symbol;

/** A value of a later release that this one does not know. It is passed on and never interpreted. */
export type Unrecognized = string & { readonly [unrecognized]: true };

/** The payload of an event for its reader: each enum may hold a value of a later release. */
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

/** Maximum length of an unknown enum value that a reader keeps. */
const WORD_LENGTH_MAX = 120;

/**
 * Derives the reader's schema of an event from the writer's. It drops unknown fields at any depth and keeps enum values
 * and variants that a later release added. The previous release can thus read the events of the next one. TypeScript
 * keeps writers to the closed sets.
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
