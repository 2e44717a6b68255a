import { errorCodes, type ErrorCode, type OperationDefinition } from '@tallystick/contracts';
import { verdict, type Attack, type Verdict } from '../attack.ts';
import type { World } from '../target/world.ts';
import { shown, type Answer } from './ask.ts';

/** Returns the answer that refuses with a code of contracts. */
export function refusal(code: ErrorCode): string {
  return `${errorCodes[code].status} ${code}`;
}

/** Judges an answer: it must refuse with exactly this code. */
export function refusedWith(answer: Answer, code: ErrorCode): Verdict {
  return verdict(refusal(code), shown(answer));
}

/** Judges the answer to an honest request. */
export function acceptedWith(answer: Answer): Verdict {
  return { held: answer.status >= 200 && answer.status < 300, shown: shown(answer) };
}

/** Names the interface of an operation. */
export function routeOf({ method, versions }: OperationDefinition, version: number): string {
  return `${method} ${versions[version]!.path}`;
}

/** Makes an attack over HTTP that must be refused with a code. */
export function httpAttack(
  name: string,
  on: OperationDefinition,
  code: ErrorCode,
  send: (world: World) => Promise<Answer>,
  control?: Attack['control'],
): Attack {
  return {
    name,
    on: routeOf(on, on.version),
    control,
    run: async (world) => refusedWith(await send(world), code),
  };
}
