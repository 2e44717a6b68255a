import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startAccount } from './service.ts';
import { accountSchema } from './store/schema.ts';

await runService('account', accountSchema, async () => startAccount(await readConfig(process.env)));
