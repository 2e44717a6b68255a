import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  printJson,
  program,
  readStackFile,
  say,
  SettingError,
  trustAuthority,
  type ExitStatus,
  type StackFile,
} from '@tallystick/stack';
import { parseJson } from '@tallystick/security';
import * as z from 'zod';
import type { SandboxFlags } from './command.ts';
import { prepareSandbox, type Sandbox } from './prepare-sandbox.ts';

const earlier = z.looseObject({
  producer: z.object({
    id: z.string(),
    privateJwk: z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() }),
  }),
});

/** Runs `tallystick sandbox`. */
export const sandbox = program(async ({ stack: path, producer, json }: SandboxFlags): Promise<ExitStatus> => {
  const stack = readStack(path);
  trustAuthority(stack);
  say('Opening and funding accounts');
  const file = join(dirname(path), 'sandbox.json');
  const made = await prepareSandbox(stack, producer, sandboxBefore(file));
  // It has a password and a private key.
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  if (json === true) printJson({ file, ...made });
  else process.stdout.write(textOf(made, file));
  return 0;
});

function readStack(path: string): StackFile {
  try {
    return readStackFile(path);
  } catch (error) {
    throw new SettingError((error as Error).message, { cause: error });
  }
}

/** Returns the sandbox of an earlier run; `undefined` if there is none that can be read. */
function sandboxBefore(file: string): Pick<Sandbox, 'producer'> | undefined {
  if (!existsSync(file)) return undefined;
  const read = earlier.safeParse(parseJson(readFileSync(file, 'utf8')));
  return read.success ? (read.data as Pick<Sandbox, 'producer'>) : undefined;
}

function textOf({ customer, payerAccountId, payeeAccountId, producer }: Sandbox, file: string): string {
  return `sign in as    ${customer.email}, password ${customer.password}
payer         ${payerAccountId}, 1,000.00 EUR
payee         ${payeeAccountId}
third party   ${producer.id}, may debit the payer: 100.00 EUR a payment
All of it is in ${file}
`;
}
