import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startAuth } from './service.ts';

await runService(() => startAuth(readConfig(process.env)));
