import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startCard } from './service.ts';

await runService(() => startCard(readConfig(process.env)));
