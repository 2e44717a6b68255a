import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { reportFault, SettingError } from '@tallystick/stack';
import { writeGenerated } from './generate/generated-files.ts';

const usage = `Usage: npm run k8s:generate

Makes the topics of the production overlay, and who may read and write each, from packages/contracts.
npm run k8s:check fails while the committed files differ.
`;

try {
  if (isHelp()) process.stdout.write(usage);
  else for (const path of writeGenerated()) process.stdout.write(`${relative(process.cwd(), path)}\n`);
} catch (fault) {
  process.exitCode = reportFault(fault);
}

function isHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: 'boolean', default: false } } }).values.help;
  } catch (error) {
    throw new SettingError(
      `${(error as Error).message.split('. ')[0]}; npm run k8s:generate -- --help tells more`,
      {
        cause: error,
      },
    );
  }
}
