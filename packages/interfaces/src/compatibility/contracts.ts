import * as z from 'zod';

const schema = z.record(z.string(), z.unknown());
const date = z.iso.date();
const lifetime = {
  since: date,
  deprecated: z.strictObject({ since: date, sunset: date, use: z.int() }).optional(),
};

/** The contract of one version of an operation. */
export const operationContract = z.strictObject({
  service: z.string(),
  method: z.string(),
  path: z.string(),
  /** Whose scope it is. */
  callers: z.enum(['clients', 'operators']),
  scope: z.string(),
  proof: z.string(),
  idempotent: z.boolean(),
  /** Names of the headers that a request must have, besides `Authorization`. */
  headers: z.array(z.string()),
  params: schema,
  query: schema,
  body: schema,
  response: schema,
  mediaTypes: z.strictObject({ request: z.array(z.string()), response: z.array(z.string()) }),
  successStatuses: z.array(z.int()),
  /** The path in the header `Location`, if there is one. */
  location: z.string().nullable().default(null),
  /** The roles that may do it to an existing object. */
  authority: z.array(z.string()).default([]),
  errors: z.array(z.string()),
  ...lifetime,
});

/** The contract of one version of a message. */
export const messageContract = z.strictObject({
  kind: z.string(),
  topic: z.string(),
  key: z.string(),
  from: z.array(z.string()),
  to: z.array(z.string()),
  lifetimeS: z.int(),
  outcomes: z.array(z.string()),
  classification: z.string(),
  /** The roles that may ask for it, if it is a command to an existing object. */
  authority: z.array(z.string()).default([]),
  data: schema,
  ...lifetime,
});

const names = z.array(z.string());

const contractsFile = z.strictObject({
  /** Day of the release. */
  date,
  /** By id and version: `payment.create@2`. */
  operations: z.record(z.string(), operationContract),
  /** By type and version: `payment.captured@1`. */
  messages: z.record(z.string(), messageContract),
  topics: z.record(
    z.string(),
    z.strictObject({ owner: z.string(), cleanup: z.string(), partitions: z.int() }),
  ),
  errors: z.record(z.string(), z.strictObject({ status: z.int(), retry: z.boolean() })),
  /** The number of decimal places of each currency's minor unit: amounts are integers of it. */
  minorUnits: z.record(z.string(), z.int()).default({}),
  /** Everything on the wire that is no message and no body, by name: `envelope`, `certificate`. */
  wire: z.record(z.string(), schema).default({}),
  /** Names that were released once and are free no more: interfaces, paths, topics, errors, fields. */
  reserved: z.strictObject({ interfaces: names, paths: names, topics: names, errors: names, fields: names }),
  /** Schemas that many interfaces share; `$ref` names them. */
  schemas: z.record(z.string(), schema),
});

/** The contracts of a release: every interface with its schemas. */
export type Contracts = Omit<z.output<typeof contractsFile>, 'schemas'>;
export type OperationContract = z.output<typeof operationContract>;
export type MessageContract = z.output<typeof messageContract>;

/** Place of the shared schemas in a file of contracts. */
export const SHARED = '#/schemas/';

/** Input that the gate cannot judge. The message is one sentence that says what to do. */
export class ContractsInputError extends Error {
  override readonly name = 'ContractsInputError';
}

/**
 * Reads the contracts of a release.
 * @param text content of the file
 * @param path its name, for errors
 * @returns the contracts, with each reference replaced by its schema
 * @throws ContractsInputError if it is not a file of contracts
 */
export function parseContracts(text: string, path: string): Contracts {
  const again = 'restore it from git, or write it with npx tallystick contracts release';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ContractsInputError(`${path} is not JSON; ${again}`);
  }
  const parsed = contractsFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ContractsInputError(
      `${path} holds no contracts: /${issue!.path.join('/')} ${issue!.message}; ${again}`,
    );
  }
  const { schemas } = parsed.data;
  const resolved = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolved);
    if (part === null || typeof part !== 'object') return part;
    const { $ref } = part as { $ref?: unknown };
    if (typeof $ref !== 'string')
      return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, resolved(value)]));
    const found = schemas[$ref.slice(SHARED.length)];
    if (found === undefined) throw new ContractsInputError(`${path} has no schema ${$ref}; ${again}`);
    return resolved(found);
  };
  const { operations, messages, wire, schemas: _schemas, ...rest } = parsed.data;
  return {
    ...rest,
    wire: resolved(wire) as Contracts['wire'],
    operations: resolved(operations) as Contracts['operations'],
    messages: resolved(messages) as Contracts['messages'],
  };
}

/** Splits the key of an interface: `payment.create@2` → `payment.create` and 2. */
export function splitAddress(address: string): { name: string; version: number } {
  const at = address.lastIndexOf('@');
  return { name: address.slice(0, at), version: Number(address.slice(at + 1)) };
}
