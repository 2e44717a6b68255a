import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startPayment } from './service.ts';

await runService(() => startPayment(readConfig(process.env)));
