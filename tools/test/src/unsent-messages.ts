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
 * services of which every test file ran. Messages of which each service has its own, such as audit entries, are sent by a
 * package.
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

const all = Object.values(messages as Record<string, MessageDefinition>);
const types: ReadonlySet<string> = new Set(all.map(({ type }) => type));

/** Returns the addresses of the messages that a service is declared to send: an event in each live version. */
function sentBy(service: ServiceName): string[] {
  return all
    .filter(
      ({ from, type, topic }) =>
        from.includes(service) && topic !== DECISIONS_AUDIENCE && !isOfEveryService(type),
    )
    .flatMap(({ type, kind, version: newest, versions }) =>
      Object.entries(versions)
        .filter(([number]) => kind === 'event' || Number(number) === newest)
        .filter(([, version]) => !isRetired(version, Date.now()))
        .map(([number]) => `${type}@${number}`),
    );
}

function isOfEveryService(type: string): boolean {
  const name = type.slice(type.indexOf('.'));
  return services.every((service) => types.has(service + name));
}
