/** Runs an operator command on a topic, with the settings of the service in this container. `--help` lists them. */
import { text } from 'node:stream/consumers';
import { adminUsage, runAdminCommand } from '@tallystick/messaging';

const args = process.argv.slice(2);
if (args.includes('--help')) process.stdout.write(adminUsage);
else {
  try {
    process.exitCode = await runAdminCommand(
      args,
      process.env,
      (line) => void process.stdout.write(`${line}\n`),
      () => text(process.stdin),
    );
  } catch (error) {
    if (error.exitCode === undefined) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
