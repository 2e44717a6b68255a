import { operations, type ServiceName } from '@tallystick/contracts';
import type { Edge } from '@tallystick/http';

/** A setting of a running process. Its value is absent if it is not set, is in a file, or may hold a secret. */
export interface SettingInForce {
  name: string;
  value?: string | undefined;
  isSet: boolean;
}

const shown = {
  auth: operations.authSettings,
  account: operations.accountSettings,
  card: operations.cardSettings,
  payment: operations.paymentSettings,
  console: operations.consoleSettings,
} as const;

/** Names whose values are never shown: they hold a secret, or are a file's content once they are read. */
const HIDDEN = /(?:_FILE$|PASSWORD|SECRET|TOKEN|KEY|POSTGRES_URL)/;

/**
 * Returns the settings of a process as operators may see them: never a value that may hold a secret.
 * @param settings as the process read them, by name
 */
export function settingsInForce(settings: object): SettingInForce[] {
  return Object.entries(settings)
    .map(([name, value]: [string, unknown]) => {
      const isSet = value !== undefined;
      const text = HIDDEN.test(name) ? undefined : textOf(value);
      return { name, isSet, ...(text === undefined ? {} : { value: text }) };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Serves the settings in force of this process. */
export function serveSettings(
  service: ServiceName,
  edge: Pick<Edge<never>, 'read'>,
  process: { settings: object; releaseId: string; startedAt: Date },
): void {
  const body = {
    releaseId: process.releaseId,
    startedAt: process.startedAt.toISOString(),
    settings: settingsInForce(process.settings),
  };
  edge.read(shown[service], async () => ({ body }));
}

/** Writes a plain value; anything with members may be the content of a file. */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.every(isPlain) ? value.map(plainText).join(', ') : undefined;
  return isPlain(value) ? plainText(value) : undefined;
}

type Plain = string | number | boolean | bigint;

function isPlain(value: unknown): value is Plain {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

/** Leaves out the user and password of an address. */
function plainText(value: Plain): string {
  const text = String(value);
  const url = URL.parse(text);
  if (url === null || (url.username === '' && url.password === '')) return text;
  url.username = '';
  url.password = '';
  return url.href;
}
