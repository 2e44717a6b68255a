import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CoreServiceName } from '@tallystick/contracts';
import { say, stopOnExit, type StackFile } from '@tallystick/stack';
import { signInAll } from './clients.ts';
import { fuzzService } from './schemathesis.ts';

export interface HttpFuzz {
  only?: readonly CoreServiceName[] | undefined;
  examples: number;
  seed: number;
  directory: string;
  /** The folder of the programs of Schemathesis. */
  programs: string;
}

/** Fuzzes the operations of services by their OpenAPI documents. @returns the services with undocumented answers */
export async function fuzzHttp(
  stack: StackFile,
  { only, examples, seed, directory, programs }: HttpFuzz,
): Promise<CoreServiceName[]> {
  const clientsFile = resolve(join(directory, 'fuzz-clients.json'));
  const forget = (): void => rmSync(clientsFile, { force: true });
  const unregister = stopOnExit(async () => forget());
  const failed: CoreServiceName[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    // Auth last: the requests to it may disable the clients that sign in here, whose ids its answers tell.
    const chosen = (['account', 'card', 'payment', 'auth'] as const).filter(
      (name) => only?.includes(name) ?? true,
    );
    for (const service of chosen) {
      // Tokens live shorter than all services take.
      writeFileSync(clientsFile, JSON.stringify(await signInAll(stack)), { mode: 0o600 });
      const url = stack.services[service]!;
      say(`Fuzzing ${service}`);
      if (!(await fuzzService(programs, { url, clientsFile, examples, seed }))) failed.push(service);
    }
  } finally {
    forget();
    unregister();
  }
  return failed;
}
