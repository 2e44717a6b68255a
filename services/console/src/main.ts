import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { rebuild } from './rebuild.ts';
import { startConsole } from './service.ts';
import { consoleSchema } from './store/schema.ts';

await runService('console', consoleSchema, async () => startConsole(await readConfig(process.env)), {
  '--rebuild-index': () => rebuild(process.env),
});
