import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { isRetired, lower, type MessageDefinition } from '@tallystick/contracts';
import { parseContracts, type Contracts } from '@tallystick/interfaces';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod';

const RELEASED = join(import.meta.dirname, '..', '..', 'interfaces', 'released', 'contracts.json');

let released: Contracts | undefined;
const validators = new Map<string, ValidateFunction>();

/**
 * Checks a message that a test of a service saw it send: in each live version its payload matches the released schema,
 * by which readers of the last release read it. A file notes the message, so that a run of all tests of a service knows
 * which ones it was never seen to send.
 * @throws Error that names the message and the fault
 */
export function checkReleasedContract(definition: MessageDefinition, data: unknown): void {
  const versions =
    definition.kind === 'event'
      ? Object.keys(definition.versions)
          .map(Number)
          .filter((version) => !isRetired(definition.versions[version]!, Date.now()))
      : [definition.version];
  for (const version of versions) {
    const schema = definition.versions[version]!.data;
    const payload: unknown = z.encode(schema, lower(definition, version, data) as never);
    const address = `${definition.type}@${version}`;
    const accepts = validatorOf(address);
    if (accepts !== undefined && !accepts(JSON.parse(JSON.stringify(payload))))
      throw new Error(`${address} breaks its released schema: ${JSON.stringify(accepts.errors)}`);
    noteSeen(address);
  }
}

/** Returns the validator of a released message; `undefined` if it is newer than the release. */
function validatorOf(address: string): ValidateFunction | undefined {
  const known = validators.get(address);
  if (known !== undefined) return known;
  released ??= parseContracts(readFileSync(RELEASED, 'utf8'), RELEASED);
  const contract = released.messages[address];
  if (contract === undefined) return undefined;
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv, ['date-time', 'uri']);
  const validator = ajv.compile(contract.data);
  validators.set(address, validator);
  return validator;
}

function noteSeen(address: string): void {
  const file = process.env['TEST_SENT_MESSAGES'];
  const service = /\/services\/(\w+)\/test\//.exec(expect.getState().testPath ?? '')?.[1];
  if (file !== undefined && service !== undefined) appendFileSync(file, `${service} ${address}\n`);
}
