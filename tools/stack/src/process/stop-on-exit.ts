import { constants } from 'node:os';
import { types } from 'node:util';

import { messageOf } from '../errors.ts';

type Stop = () => Promise<void>;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const stops: Stop[] = [];
let ending = false;

/**
 * Registers `stop` to run when this process ends by a signal (SIGINT, SIGTERM, SIGHUP) or an uncaught error. Stops run
 * one after another, the last registered first. The exit status is then the signal's (128 + its number) or 1. A second
 * signal ends the process at once.
 *
 * @returns a function that removes the registration, for a stop by other means
 */
export function stopOnExit(stop: Stop): () => void {
  if (stops.length === 0) listen();
  stops.push(stop);
  return () => {
    const at = stops.lastIndexOf(stop);
    if (at === -1) return;
    stops.splice(at, 1);
    if (stops.length === 0 && !ending) unlisten();
  };
}

/** Whether this process is ending because of a signal or an error, and its parts are being stopped. */
export function isEnding(): boolean {
  return ending;
}

function listen(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onUncaught);
}

function unlisten(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal);
  process.off('uncaughtException', onUncaught);
}

function onSignal(signal: NodeJS.Signals): void {
  void end(128 + constants.signals[signal]);
}

function onUncaught(error: unknown): void {
  process.stderr.write(`${types.isNativeError(error) ? (error.stack ?? error.message) : String(error)}\n`);
  void end(1);
}

async function end(status: number): Promise<void> {
  if (ending) process.exit(status);
  ending = true;
  for (const stop of stops.toReversed()) {
    try {
      await stop();
    } catch (error) {
      // the other parts must still be stopped
      process.stderr.write(`While stopping: ${messageOf(error)}\n`);
    }
  }
  process.exit(status);
}
