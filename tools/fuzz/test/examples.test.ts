import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '@tallystick/attack';
import { publishRaw } from '@tallystick/demo';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { callerOf, endsAccess, prepareRequest } from './examples/requests.ts';
import { prepareCommand, senderOf } from './examples/commands.ts';
import {
  commandNames,
  documentedCommands,
  documentedRequests,
  operationNames,
  type DocumentedCommand,
  type DocumentedRequest,
} from './examples/documented.ts';
import { openScene, outcomeOf, sealedAs, type Scene } from './examples/scene.ts';
import { startRunningSystem, type RunningSystem } from './running-system.ts';

const START_TIMEOUT_MS = 120_000;

// The document's other keywords stand beside the schema, so that references resolve.
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv, ['date-time', 'uri']);

const requests = documentedRequests();
const named = <One extends { name: string }>(all: readonly One[]): [string, One][] =>
  all.map((one) => [one.name, one]);
const byEnding = Map.groupBy(requests, endsAccess);

let running: RunningSystem;

beforeAll(async () => {
  running = await startRunningSystem({ console: true });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
}, START_TIMEOUT_MS);

async function isAccepted(documented: DocumentedRequest, scene: Scene): Promise<void> {
  const { operation, version } = documented;
  const { params, body } = await prepareRequest(documented, scene);
  const caller = await callerOf(operation, running.world);
  const { status, text } = await ask(caller, operation, {
    version,
    params,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const shown = status < 300 ? String(status) : `${status} ${text}`;
  expect(operation.successStatuses.map(String)).toContain(shown);
  const isDocumented = ajv.compile(documented.answer);
  expect([isDocumented(JSON.parse(text)), isDocumented.errors]).toEqual([true, null]);
}

describe('the documents', () => {
  test('show an example of every version of every operation', () => {
    expect(requests.map(({ name }) => name).toSorted()).toEqual(operationNames.toSorted());
  });

  test('show an example of every version of every command', () => {
    expect(
      documentedCommands()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(commandNames.toSorted());
  });
});

describe('a running system accepts, and answers as documented, the documented request of', () => {
  test.each(named(byEnding.get(false) ?? []))('%s', async (_name, documented) => {
    await isAccepted(documented, await openScene(running.world));
  });
});

describe('a running system carries out the documented command', () => {
  test.each(named(documentedCommands()))('%s', async (_name, documented: DocumentedCommand) => {
    const { world } = running;
    const { definition, version } = documented;
    const payload = await prepareCommand(documented, await openScene(world));
    const sealed = await sealedAs(world, definition, payload, { ...senderOf(documented, world), version });
    await publishRaw(world, definition.topic, sealed.key, sealed.value);
    const { claims } = await outcomeOf(world, definition, sealed);
    const { code } = claims.data as { code?: string };
    expect({ type: claims.type, code }).toEqual({ type: claims.type, code: undefined });
  });
});

describe('a running system accepts, after all others, the documented request of', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene(running.world);
  });

  test.each(named(byEnding.get(true) ?? []))('%s', async (_name, documented) => {
    await isAccepted(documented, scene);
  });
});
