// Opens a run, starts one process in it, prints its location, and waits to be killed.
import { join } from 'node:path';

import { openRun } from '../src/process/run.ts';
import { startProcess } from '../src/process/supervised-process.ts';

const run = openRun();
const child = await startProcess({
  name: 'left-behind',
  command: process.execPath,
  args: ['-e', 'setInterval(() => {}, 1000)'],
  env: {},
  logFile: join(run.dataDirectory, 'left-behind.log'),
  pidDirectory: run.pidDirectory,
  readyWhen: async () => true,
  timeoutMs: 5_000,
});
process.stdout.write(`${JSON.stringify({ pid: child.pid, dataDirectory: run.dataDirectory })}\n`);
