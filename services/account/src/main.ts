import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startAccount } from './service.ts';

await runService(() => startAccount(readConfig(process.env)));
