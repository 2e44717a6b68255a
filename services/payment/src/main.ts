import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startPayment } from './service.ts';
import { paymentSchema } from './store/schema.ts';

await runService('payment', paymentSchema, async () => startPayment(await readConfig(process.env)));
