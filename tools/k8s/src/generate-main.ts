import { relative } from 'node:path';
import { asksForHelp, readFlags, reportFault } from '@tallystick/stack';
import * as z from 'zod';
import { writeGenerated } from './generate/generated-files.ts';

const usage = `Usage: npm run k8s:generate

Makes the topics of the production overlay, and who may read and write each, from packages/contracts.
npm run k8s:check fails while the committed files differ.
`;

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else {
    readFlags({ command: 'npm run k8s:generate', schema: z.strictObject({}) }, args);
    for (const path of writeGenerated()) process.stdout.write(`${relative(process.cwd(), path)}\n`);
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}
