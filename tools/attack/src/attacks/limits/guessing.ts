import { verdict, type Attack } from '../../attack.ts';
import { openSignIn } from '../../http/oauth-client.ts';
import type { World } from '../../target/world.ts';
import { clientOf, filled, SIGN_IN } from '../pages/sign-in.ts';
import { patientBrowser } from '../../http/patient-browser.ts';

/** Wrong passwords that an account takes before it pauses. */
const WRONG_MAX = 5;
const ROUNDS = 3;
/** The work for a name that nobody has may differ by this factor from that for a wrong password. */
const FACTOR_MAX = 3;

/** Tries a password in a new browser. @returns the status, and the time of the answer in milliseconds */
async function guess(
  world: World,
  email: string,
  password: string,
): Promise<{ status: number; ms: number; waits: boolean }> {
  const browser = patientBrowser();
  const page = await openSignIn(clientOf(world), browser);
  const startMs = performance.now();
  const response = await browser.post(page.url, filled(page, email, password));
  return {
    status: response.status,
    ms: performance.now() - startMs,
    waits: response.headers.has('retry-after'),
  };
}

const nobody = (): string => `nobody-${Math.random().toString(36).slice(2)}@example.com`;

/** Attacks by guessing names and passwords; the last ones lock the thief's account for a while. */
export const guessingAttacks: readonly Attack[] = [
  {
    name: 'limits.names-told-by-time',
    on: SIGN_IN,
    run: async (world) => {
      let [name, password] = [Infinity, Infinity];
      for (let round = 0; round < ROUNDS; round += 1) {
        name = Math.min(name, (await guess(world, nobody(), 'wrong')).ms);
        password = Math.min(password, (await guess(world, world.thief.email, 'wrong')).ms);
      }
      const isSame = name < password * FACTOR_MAX && password < name * FACTOR_MAX;
      const times = `${name.toFixed(0)} ms for no name, ${password.toFixed(0)} ms for a name`;
      return { held: isSame, shown: isSame ? 'the same work' : times };
    },
  },
  {
    name: 'limits.passwords-guessed-for-an-unknown-name',
    on: SIGN_IN,
    run: async (world) => {
      const email = nobody();
      for (let round = 0; round < WRONG_MAX; round += 1) await guess(world, email, 'wrong');
      const { status, waits } = await guess(world, email, 'wrong');
      return verdict('429 with Retry-After', `${status}${waits ? ' with Retry-After' : ''}`);
    },
  },
  {
    name: 'limits.passwords-guessed-at-once',
    on: SIGN_IN,
    run: async (world) => {
      const email = nobody();
      const all = await Promise.all(Array.from({ length: 20 }, () => guess(world, email, 'wrong')));
      const tried = all.filter(({ status }) => status === 422).length;
      return verdict(`${WRONG_MAX} of 20 tried`, `${tried} of 20 tried`);
    },
  },
  {
    name: 'limits.passwords-guessed-under-spellings-of-a-name',
    on: SIGN_IN,
    run: async (world) => {
      const [local, domain] = nobody().split('@');
      const spellings = [
        `${local}@${domain}`,
        `${local!.toUpperCase()}@${domain}`,
        ` ${local}@${domain}`,
        `${local}@${domain!.toUpperCase()}`,
        `${local}@${domain} `,
      ];
      for (const spelling of spellings) await guess(world, spelling, 'wrong');
      return verdict('429', String((await guess(world, spellings[0]!, 'wrong')).status));
    },
  },
  {
    name: 'limits.right-password-after-wrong-ones',
    on: SIGN_IN,
    run: async (world) => {
      const { email, password } = world.thief;
      const first = await guess(world, email, password);
      if (first.status !== 303) return { held: false, shown: `the right password at first: ${first.status}` };
      for (let round = 0; round < WRONG_MAX; round += 1) await guess(world, email, `wrong-${round}`);
      const { status, waits } = await guess(world, email, password);
      return verdict('429 with Retry-After', `${status}${waits ? ' with Retry-After' : ''}`);
    },
  },
];
