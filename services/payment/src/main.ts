import { runService } from '@tallystick/service/run-service.ts';

await runService('payment', () => import('./program.ts'));
