import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { findMessage, services } from '@tallystick/contracts';
import {
  contractsOf,
  ContractsInputError,
  decodeContracts,
  encodeContracts,
  parseDeclaredContracts,
} from '../../src/index.ts';

describe('the contracts of a service', () => {
  test.each(services)('of %s hold what it offers, sends and handles, in every version', (service) => {
    const { operations, messages } = contractsOf(service);
    expect(Object.values(operations).every((one) => one.service === service)).toBe(true);
    for (const [address, { topic, from, to }] of Object.entries(messages)) {
      expect([...from, ...to]).toContain(service);
      const [type, version] = address.split('@') as [string, string];
      expect(findMessage(topic, type)?.versions).toHaveProperty(version);
    }
  });

  test.each(services)('of %s are read as they were declared', (service) => {
    const contracts = contractsOf(service);
    expect(decodeContracts(encodeContracts(contracts))).toEqual(contracts);
  });

  test.each(services)('of %s fit into their message', (service) => {
    const { releaseId, contracts } = encodeContracts(contractsOf(service));
    const data = { service, releaseId, contracts, declaredAt: '2026-11-29T10:00:00.000Z' };
    const { data: schema } = findMessage(`${service}.contracts.v1`, `${service}.contracts.declared`)!;
    expect(schema.safeParse(data).error).toBeUndefined();
  });

  test('name the release: equal contracts have an equal name', () => {
    const contracts = contractsOf('card');
    expect(encodeContracts(structuredClone(contracts))).toEqual(encodeContracts(contracts));
    expect(encodeContracts({ ...contracts, operations: {} }).releaseId).not.toBe(
      encodeContracts(contracts).releaseId,
    );
  });
});

describe('declared contracts that cannot be used', () => {
  const { releaseId, contracts } = encodeContracts(contractsOf('card'));
  const encoded = (text: string | Buffer): string => gzipSync(text).toString('base64url');

  test.each([
    ['no gzip', 'AAAA', /unreadable contracts/],
    ['no JSON', encoded('{'), /holds no JSON/],
    ['no contracts', encoded('{"service":"card"}'), /holds no contracts of a service: \/operations/],
    ['more than four MiB', encoded(Buffer.alloc(4 * 1_048_576 + 1, ' ')), /unreadable contracts/],
  ])('are refused: %s', (_what, bytes, message) => {
    const read = (): unknown => decodeContracts({ releaseId, contracts: bytes });
    expect(read).toThrow(ContractsInputError);
    expect(read).toThrow(message);
  });

  test('are refused if they are those of another release', () => {
    expect(() => decodeContracts({ releaseId: '0'.repeat(64), contracts })).toThrow(/contracts of another/);
  });

  test('are read if a later release says more about an interface', () => {
    const later = JSON.parse(JSON.stringify(contractsOf('card'))) as ReturnType<typeof contractsOf>;
    const [address, message] = Object.entries(later.messages)[0]!;
    Object.assign(message, { compression: 'none' });
    expect(parseDeclaredContracts(JSON.stringify(later), 'later').messages[address]).toEqual(
      contractsOf('card').messages[address],
    );
  });
});
