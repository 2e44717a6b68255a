import { parseEnvironment } from '@tallystick/config';
import * as z from 'zod';

/** Steps between a decision and the broker at which a process may crash. */
const steps = ['before_commit', 'after_commit', 'before_publish', 'after_publish'] as const;
export type CrashStep = (typeof steps)[number];

/** For tests of the state after a crash. */
export const crashEnvironment = z.object({
  TALLYSTICK_CRASH_AT: z
    .string()
    .regex(
      new RegExp(`^(${steps.join('|')}):[1-9]\\d{0,5}$`),
      `must be one of ${steps.join(', ')}, a colon and a count`,
    )
    .optional()
    .meta({
      description: 'For tests: the process is killed when it reaches the step for the n-th time',
      unit: 'step:n',
    }),
});

const { TALLYSTICK_CRASH_AT } = parseEnvironment(crashEnvironment, process.env);
const [wantedStep, count] = TALLYSTICK_CRASH_AT?.split(':') ?? [];
let left = Number(count);

/** Ends this process by SIGKILL if TALLYSTICK_CRASH_AT names this step and its count is reached. */
export function crashPoint(step: CrashStep): void {
  if (step !== wantedStep) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}
