import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { program, readStackFile, say, SettingError, stackFilePath, type ExitStatus } from '@tallystick/stack';
import type { PicturesFlags } from './command.ts';
import { flagsTrusting } from './trusted-keys.ts';
import { takePictures, type ConsoleOfStack } from './take-pictures.ts';

/** Runs `tallystick pictures`. */
export const pictures = program(async ({ directory, browser, to }: PicturesFlags): Promise<ExitStatus> => {
  const folder = resolve(to);
  await mkdir(folder, { recursive: true });
  const faults = await takePictures(await consoleOf(directory), { executablePath: browser, folder }, say);
  for (const fault of faults) say(fault);
  process.stdout.write(`The pictures are in ${folder}\n`);
  return faults.length === 0 ? 0 : 1;
});

async function consoleOf(directory: string): Promise<ConsoleOfStack> {
  const path = stackFilePath(directory);
  let stack: ReturnType<typeof readStackFile>;
  try {
    stack = readStackFile(path);
  } catch (cause) {
    throw new SettingError(`There is no running stack in ${path}: run npm run stack`, { cause });
  }
  const [operator] = stack.operators;
  const url = stack.services.console;
  if (url === undefined || operator === undefined)
    throw new SettingError(`The stack in ${path} runs without the console: run npm run stack`);
  const { authority, services } = stack;
  const browserFlags = authority === undefined ? [] : await flagsTrusting(authority, Object.values(services));
  return { url, email: operator.email, password: operator.password, browserFlags };
}
