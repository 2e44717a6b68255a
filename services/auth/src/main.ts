import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startAuth } from './service.ts';
import { authSchema } from './store/schema.ts';

await runService('auth', authSchema, async () => startAuth(await readConfig(process.env)));
