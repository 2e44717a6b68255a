import { text } from 'node:stream/consumers';
import { runAdminCommand, type AdminCommand } from '@tallystick/messaging';
import { ConfigurationError } from '@tallystick/config';
import { program, SettingError, type ExitStatus } from '@tallystick/stack';
import type { AdminFlags } from './command.ts';

/** Runs `tallystick admin`. */
export const admin = program(
  async ({ since, offset = [] }: AdminFlags, command: AdminCommand, topic?: string): Promise<ExitStatus> => {
    const args = [
      command,
      ...(topic === undefined ? [] : [topic]),
      ...(since === undefined ? [] : ['--since', since]),
      ...offset.flatMap((one) => ['--offset', one]),
    ];
    try {
      return await runAdminCommand(
        args,
        process.env,
        (line) => void process.stdout.write(`${line}\n`),
        () => text(process.stdin),
      );
    } catch (error) {
      if (error instanceof ConfigurationError) throw new SettingError(error.message, { cause: error });
      throw error;
    }
  },
);
