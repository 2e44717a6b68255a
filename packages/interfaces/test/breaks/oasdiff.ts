import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contracts, JsonSchema, OperationContract } from '../../src/index.ts';

const VERSION = '1.37.0';
const PROGRAM = `github.com/oasdiff/oasdiff@v${VERSION}`;
/** The build takes about two minutes, once; later ones come from Go's cache. */
const BUILD_TIMEOUT_MS = 300_000;

/** Finds oasdiff, or builds it where Go is. @returns its path; `undefined` if this machine has neither */
export function findOasdiff(): string | undefined {
  const found = spawnSync('oasdiff', ['--version'], { encoding: 'utf8' });
  if (found.status === 0 && found.stdout.includes(VERSION)) return 'oasdiff';
  const folder = join(tmpdir(), `tallystick-oasdiff-${VERSION}`);
  const built = spawnSync('go', ['install', PROGRAM], {
    env: { ...process.env, GOBIN: folder },
    timeout: BUILD_TIMEOUT_MS,
  });
  return built.status === 0 ? join(folder, 'oasdiff') : undefined;
}

/**
 * Compares the operations of two contracts with oasdiff.
 * @param folder where the documents are written
 * @returns the ids of the breaking changes that it finds
 */
export function breaksByOasdiff(
  oasdiff: string,
  folder: string,
  base: Contracts,
  current: Contracts,
): string[] {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, contracts: Contracts): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(documentOf(contracts)));
    return path;
  };
  const args = ['breaking', write('base.json', base), write('current.json', current), '--format', 'json'];
  const { status, stdout, stderr } = spawnSync(oasdiff, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`oasdiff: ${stderr}`);
  const changes = (stdout.trim() === '' ? [] : JSON.parse(stdout)) as { id: string; level: number }[];
  return changes.filter(({ level }) => level === ERROR).map(({ id }) => id);
}

/** The level of a change that oasdiff is sure breaks clients. */
const ERROR = 3;

function documentOf({ operations }: Contracts): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const [operationId, one] of Object.entries(operations))
    paths[one.path] = { [one.method.toLowerCase()]: operationOf(operationId, one) };
  return {
    openapi: '3.1.0',
    info: { title: 'Contracts', version: '1' },
    paths,
    components: {
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: 'https://auth.example.com', scopes: {} } },
        },
      },
    },
  };
}

function operationOf(operationId: string, one: OperationContract): JsonSchema {
  const content = (types: readonly string[], schema: JsonSchema): JsonSchema =>
    Object.fromEntries(types.map((type) => [type, { schema }]));
  return {
    operationId,
    security: [{ oauth2: [one.scope] }],
    parameters: [
      ...parametersIn('path', one.params),
      ...parametersIn('query', one.query),
      ...one.headers.map((name) => ({ name, in: 'header', required: true, schema: { type: 'string' } })),
    ],
    ...(one.mediaTypes.request.length === 0
      ? {}
      : { requestBody: { required: true, content: content(one.mediaTypes.request, one.body) } }),
    responses: Object.fromEntries(
      one.successStatuses.map((status) => [
        status,
        { description: 'The answer', content: content(one.mediaTypes.response, one.response) },
      ]),
    ),
  };
}

function parametersIn(place: 'path' | 'query', { properties, required }: JsonSchema): JsonSchema[] {
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    in: place,
    required: ((required ?? []) as string[]).includes(name),
    schema,
  }));
}
