import type { Messaging } from '@tallystick/messaging';
import type { Pool } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import type { ConsoleConfig } from './config.ts';

/** The parts of the running console, as its pages use them. */
export interface ConsoleParts {
  config: ConsoleConfig;
  pool: Pool;
  messaging: Messaging;
  logger: Logger;
  nowMs: () => number;
  /** Connects to the services where they are. */
  fetch: typeof fetch;
}
