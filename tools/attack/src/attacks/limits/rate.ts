import { operations } from '@tallystick/contracts';
import { until } from '@tallystick/stack';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { answerOf, type Answer } from '../../http/ask.ts';
import { sendRaw } from '../../http/raw.ts';
import { routeOf } from '../../http/refused.ts';
import type { World } from '../../target/world.ts';

/** More requests than the limit of an address in a second. */
const BURST = 1_500;
const AT_ONCE = 150;

/** Sends more requests than an address may; then waits until the limit is over. */
async function flood(url: string, headers: (at: number) => Record<string, string>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let at = 0;
  const sender = async (): Promise<void> => {
    while (at < BURST) answers.push(await answerOf(await fetch(url, { headers: headers((at += 1)) })));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  await until(async () => (await fetch(url)).status !== 429, 10_000);
  return answers;
}

/** Judges a flood: some requests must be refused, and tell the limit and when to come back. */
function limited(answers: readonly Answer[]): Verdict {
  const refused = answers.find(({ status }) => status === 429);
  if (refused === undefined) return { held: false, shown: `none of ${answers.length} requests was refused` };
  const { headers, code } = refused;
  const told = ['ratelimit', 'ratelimit-policy', 'retry-after'].filter((name) => headers.has(name));
  return verdict(
    '429 rate.limited, with ratelimit, ratelimit-policy, retry-after',
    `429 ${code}, with ${told.join(', ')}`,
  );
}

function floodAttack(
  name: string,
  on: string,
  urlOf: (world: World) => string,
  headers: (at: number) => Record<string, string> = () => ({}),
): Attack {
  return {
    name: `limits.${name}`,
    on,
    run: async (world) => limited(await flood(urlOf(world), headers)),
  };
}

const SOCKETS = 15;

/** Floods the pages of auth faster than a client that waits for each answer: it sends all requests of a connection at once. */
async function floodPipelined(world: World): Promise<Answer[]> {
  const { host } = new URL(world.stack.services.auth);
  const requests = Array.from({ length: BURST / SOCKETS }, (_, at) => {
    const connection = at === BURST / SOCKETS - 1 ? 'Connection: close\r\n' : '';
    return `GET /login/none HTTP/1.1\r\nHost: ${host}\r\n${connection}\r\n`;
  }).join('');
  const streams = await Promise.all(Array.from({ length: SOCKETS }, () => sendRaw(world, 'auth', requests)));
  await until(async () => (await fetch(`${world.stack.services.auth}/login/none`)).status !== 429, 10_000);
  return streams.flatMap(answersIn);
}

/** Reads the answers in the stream of a connection. */
function answersIn(stream: string): Answer[] {
  return stream
    .split(/^(?=HTTP\/1\.1 \d{3})/m)
    .filter((text) => text.startsWith('HTTP/1.1'))
    .map((text) => {
      const [head = '', body = ''] = text.split('\r\n\r\n', 2);
      const [line = '', ...fields] = head.split('\r\n');
      const headers = new Headers(
        fields.map((field): [string, string] => {
          const [name = '', ...value] = field.split(': ');
          return [name, value.join(': ')];
        }),
      );
      const code = /"code":"([a-z_.]+)"/.exec(body)?.[1] ?? '';
      return { status: Number(line.split(' ')[1]), code, headers, text: body };
    });
}

const accounts = ({ stack }: World): string => `${stack.services.account}/v1/accounts`;

/** Floods of requests. */
export const rateAttacks: readonly Attack[] = [
  floodAttack('flood-of-an-operation', routeOf(operations.accountList, 1), accounts),
  floodAttack('flood-from-claimed-addresses', routeOf(operations.accountList, 1), accounts, (at) => ({
    'x-forwarded-for': `203.0.113.${at % 250}`,
    forwarded: `for=203.0.113.${at % 250}`,
  })),
  {
    name: 'limits.flood-of-the-pages',
    on: 'GET /{page}',
    run: async (world) => limited(await floodPipelined(world)),
  },
];
