import { runService } from '@tallystick/service/run-service.ts';

await runService('account', () => import('./program.ts'));
