import { openReader, type OperationVersion } from '@tallystick/contracts';
import * as z from 'zod';

const readers = new WeakMap<OperationVersion, z.ZodType>();
const writers = new WeakMap<OperationVersion, z.ZodType>();

/** Returns the schema of an answer for its reader, which accepts what a later release added. */
export function readerOf(served: OperationVersion): z.ZodType {
  const reader = readers.get(served) ?? openReader(served.response);
  readers.set(served, reader);
  return reader;
}

/** Returns the schema of a body for its writer, who may leave out fields with a default: the service fills them in. */
export function writerOf(served: OperationVersion): z.ZodType {
  const writer = writers.get(served) ?? withoutDefaults(served.body);
  writers.set(served, writer);
  return writer;
}

function withoutDefaults(body: z.ZodType): z.ZodType {
  if (!(body instanceof z.ZodObject)) return body;
  const defaulted = Object.entries(body.shape as Record<string, z.ZodType>).flatMap(([name, field]) =>
    field instanceof z.ZodDefault ? [[name, (field.unwrap() as z.ZodType).optional()] as const] : [],
  );
  return body.extend(Object.fromEntries(defaulted));
}
