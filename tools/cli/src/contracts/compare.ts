import { addressOf, currentContracts, type Comparison, type Contracts } from '@tallystick/interfaces';
import { printJson, program, SettingError, type ExitStatus } from '@tallystick/stack';
import type { CompareFlags } from './command.ts';
import { compareWith, readContracts, readLastRelease, RELEASED, textOf, WAIVERS } from './contract-files.ts';

const DAY_LENGTH = 'YYYY-MM-DD'.length;

/** Runs `tallystick contracts compare`. */
export const compare = program(async (flags: CompareFlags, ...asked: string[]): Promise<ExitStatus> => {
  const { on = new Date().toISOString().slice(0, DAY_LENGTH), waivers = WAIVERS, json } = flags;
  const base = readLastRelease(flags.base ?? RELEASED);
  const current = flags.current === undefined ? currentContracts(on) : readContracts(flags.current);
  refuseUnknown(asked, base, current);
  const comparison = only(asked, compareWith(base, current, on, waivers));
  if (json === true) printJson({ base: base.date, ...comparison });
  else process.stdout.write(textOf(comparison, asked.length === 0 ? 'any interface' : asked.join(', ')));
  return comparison.breaks.length === 0 ? 0 : 1;
});

function refuseUnknown(asked: readonly string[], ...all: readonly Contracts[]): void {
  for (const one of asked) {
    const [what, address] = one.split(':') as ['message' | 'operation', string];
    if (!all.some((contracts) => Object.hasOwn(contracts[`${what}s`], address)))
      throw new SettingError(
        `there is no ${what} ${address}: name one of the contracts, with a version that it has`,
      );
  }
}

function only(asked: readonly string[], { breaks, waived }: Comparison): Comparison {
  if (asked.length === 0) return { breaks, waived };
  const addresses = new Set(asked.map((one) => one.replace(':', ' ')));
  return {
    breaks: breaks.filter((one) => addresses.has(addressOf(one))),
    waived: waived.filter((one) => addresses.has(addressOf(one.break))),
  };
}
