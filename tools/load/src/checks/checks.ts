import { setTimeout as delay } from 'node:timers/promises';
import type { Books, Check, CheckResult } from './check.ts';
import { everyOrderEnded } from './every-order-ended.ts';
import { merchantsReceived } from './merchants-received.ts';
import { oneEffect } from './one-effect.ts';
import { quarantineEmpty } from './quarantine-empty.ts';
import { servicesAgree } from './services-agree.ts';
import { trialBalanceIsZero } from './trial-balance.ts';

const CHECKS: Record<string, Check> = {
  every_order_ended: everyOrderEnded,
  trial_balance_is_zero: trialBalanceIsZero,
  merchants_received_what_was_captured: merchantsReceived,
  each_end_to_end_id_has_one_effect: oneEffect,
  services_agree: servicesAgree,
  quarantine_is_empty: quarantineEmpty,
};

/** Time for events just after the outcome: the end of a hold, the clearing of a card. */
const QUIET_WITHIN_MS = 15_000;
const AGAIN_AFTER_MS = 500;

/** Runs every check. One that does not hold is repeated for a limited time, since the last events may still arrive. */
export async function runChecks(books: Books): Promise<Record<string, CheckResult>> {
  const results: Record<string, CheckResult> = {};
  const deadline = performance.now() + QUIET_WITHIN_MS;
  for (const [name, check] of Object.entries(CHECKS)) {
    let result = await check(books);
    while (!result.holds && performance.now() < deadline) {
      await delay(AGAIN_AFTER_MS);
      result = await check(books);
    }
    results[name] = result;
  }
  return results;
}
