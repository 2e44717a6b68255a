import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { register, services, type Register, type ServiceName } from '@tallystick/contracts';
import * as z from 'zod';
import { ContractsInputError, messageContract, operationContract } from '../compatibility/contracts.ts';
import { messageContracts, operationContracts } from '../compatibility/current-contracts.ts';

/** Bytes of declared contracts as JSON. */
const CONTRACTS_BYTES_MAX = 4 * 1_048_576;

/** A later release may say more about an interface; what is unknown here is dropped. */
const declaredContracts = z.object({
  service: z.enum(services),
  /** The operations that it offers, by id and version: `payment.create@2`. */
  operations: z.record(z.string(), operationContract.strip()),
  /** The messages that it sends or handles, by type and version: `payment.captured@1`. */
  messages: z.record(z.string(), messageContract.strip()),
});

/** The contracts of a service: the operations that it offers, and the messages that it sends or handles. */
export type DeclaredContracts = z.output<typeof declaredContracts>;

/** Derives the contracts of a service of this release. */
export function contractsOf(service: ServiceName, all: Register = register): DeclaredContracts {
  const operations = Object.values(all.operations).filter((one) => one.service === service);
  const messages = Object.values(all.messages).filter(
    ({ from, to }) => from.includes(service) || to.includes(service),
  );
  return {
    service,
    operations: operationContracts(operations, all.authority),
    messages: messageContracts(messages, all.authority),
  };
}

/** Names a release: the SHA-256 of its contracts as JSON, in hex. */
export function releaseIdOf(contracts: DeclaredContracts): string {
  return digestOf(JSON.stringify(contracts));
}

/** Shortens the name of a release for people. */
export function shortReleaseId(releaseId: string): string {
  return releaseId.slice(0, RELEASE_SHOWN);
}

/** Characters of a release's name that are shown. */
const RELEASE_SHOWN = 12;

/** Contracts as a service declares them. */
export interface EncodedContracts {
  /** As of {@link releaseIdOf}. */
  releaseId: string;
  /** JSON, gzip, base64url. */
  contracts: string;
}

/** Encodes contracts for the event in which a service declares them. */
export function encodeContracts(contracts: DeclaredContracts): EncodedContracts {
  const json = JSON.stringify(contracts);
  return {
    releaseId: digestOf(json),
    contracts: gzipSync(json).toString('base64url'),
  };
}

/**
 * Decodes declared contracts.
 * @throws ContractsInputError if they are not contracts, or not those of the release
 */
export function decodeContracts({ releaseId, contracts }: EncodedContracts): DeclaredContracts {
  let json: string;
  try {
    json = gunzipSync(Buffer.from(contracts, 'base64url'), {
      maxOutputLength: CONTRACTS_BYTES_MAX,
    }).toString('utf8');
  } catch (cause) {
    throw new ContractsInputError(`release ${releaseId} has unreadable contracts: start it again`, { cause });
  }
  const decoded = parseDeclaredContracts(json, `release ${releaseId}`);
  if (digestOf(json) !== releaseId)
    throw new ContractsInputError(`release ${releaseId} has the contracts of another: start it again`);
  return decoded;
}

/**
 * Reads the contracts of a service.
 * @param text as JSON
 * @param source its name, for errors
 * @throws ContractsInputError if the text holds none
 */
export function parseDeclaredContracts(text: string, source: string): DeclaredContracts {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ContractsInputError(
      `${source} holds no JSON: name a release whose service prints its contracts`,
      { cause },
    );
  }
  const parsed = declaredContracts.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ContractsInputError(
    `${source} holds no contracts of a service: /${issue!.path.join('/')} ${issue!.message}; name a release whose service prints its contracts`,
  );
}

function digestOf(json: string): string {
  return createHash('sha256').update(json).digest('hex');
}
