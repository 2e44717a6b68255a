import type { Messaging } from '@tallystick/messaging';
import type { Pool } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import type { DeclaredReleases } from './app/declared-releases.ts';
import type { ConsoleConfig } from './config.ts';
import type { FigureSource } from './figures/figure-source.ts';
import type { MessageIndex } from './message-index/message-index.ts';

/** The parts of the running console, as its pages use them. */
export interface ConsoleParts {
  config: ConsoleConfig;
  pool: Pool;
  messaging: Messaging;
  logger: Logger;
  nowMs: () => number;
  /** Where live figures come from. */
  figures: FigureSource;
  /** The index of messages, whose rows are in the database. */
  index: Pick<MessageIndex, 'isFollowing'>;
  /** The contracts that releases declared. */
  releases: Pick<DeclaredReleases, 'all'>;
  /** Connects to the services where they are. */
  fetch: typeof fetch;
}
