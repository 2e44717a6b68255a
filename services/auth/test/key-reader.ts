import { createKafka, KeyFollower } from '@tallystick/messaging';
import { Keyring } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import type { RunningAuth } from './auth-service.ts';

export interface KeyReader {
  keyring: Keyring;
  /** The alarms of the keyring. */
  alarms: string[];
  /** Waits until the keyring meets `condition`. @throws after ten seconds */
  until(condition: (keyring: Keyring) => boolean): Promise<void>;
  stop(): Promise<void>;
}

const WAIT_MS = 10_000;

/** Follows the key topic as any service does, trusting only the root key. */
export async function readKeyTopic(auth: RunningAuth): Promise<KeyReader> {
  const logger = createLogger({ service: 'reader', level: 'silent', confidentialFields: [] });
  const alarms: string[] = [];
  const keyring = await Keyring.create({
    trustAnchors: auth.trustAnchors,
    onAlarm: ({ kind, detail }) => alarms.push(`${kind}: ${detail}`),
  });
  const kafka = createKafka({ brokers: auth.kafkaBrokers, clientId: 'reader', logger });
  const follower = new KeyFollower({
    kafka,
    keyring,
    service: 'reader',
    topicPrefix: auth.topicPrefix,
    logger,
  });
  await follower.start();
  return {
    keyring,
    alarms,
    async until(condition) {
      const endMs = performance.now() + WAIT_MS;
      while (!condition(keyring)) {
        if (performance.now() > endMs)
          throw new Error(`the key topic did not meet the condition; ${alarms.join('; ')}`);
        // An unknown key: the call resolves when the topic has been read to its current end.
        await follower.awaitKey('none');
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    stop: () => follower.stop(),
  };
}
