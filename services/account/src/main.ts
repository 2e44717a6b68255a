import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startAccount } from './service.ts';
import { accountSchema } from './store/schema.ts';

await runService(accountSchema, () => startAccount(readConfig(process.env)));
