import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  DECISIONS_AUDIENCE,
  isRetired,
  messages,
  services,
  type MessageDefinition,
  type ServiceName,
} from '@tallystick/contracts';

/** The messages that a run of tests saw each service send. */
export interface Sent {
  /** The file to which tests add a line for each: `payment account.hold.place@1`. */
  file: string;
  /** Paths of the test files that ran. */
  testFiles: readonly string[];
  /** Root of the checkout. */
  root: string;
}

/**
 * Returns the messages that a service is declared to send and that no test saw it send, by service. It judges only
 * services of which every test file ran. Entries of the audit are written by a package for all services.
 */
export function unsentMessages({ file, testFiles, root }: Sent): string[] {
  const ran = new Set(testFiles.map((path) => relative(root, path)));
  const seen = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  return services
    .filter((service) => testsOf(service, root).every((path) => ran.has(path)))
    .flatMap((service) =>
      sentBy(service)
        .map((address) => `${service} ${address}`)
        .filter((line) => !seen.has(line)),
    );
}

function testsOf(service: ServiceName, root: string): string[] {
  const folder = join('services', service, 'test');
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}

/** Returns the addresses of the messages that a service is declared to send: an event in each live version. */
function sentBy(service: ServiceName): string[] {
  return Object.values(messages as Record<string, MessageDefinition>)
    .filter(
      ({ from, replay, topic }) =>
        from.includes(service) && replay !== 'audit' && topic !== DECISIONS_AUDIENCE,
    )
    .flatMap(({ type, kind, version: newest, versions }) =>
      Object.entries(versions)
        .filter(([number, version]) =>
          kind === 'event' || Number(number) === newest ? !isRetired(version, Date.now()) : false,
        )
        .map(([number]) => `${type}@${number}`),
    );
}
