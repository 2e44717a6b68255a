import { runService } from '@tallystick/service/run-service.ts';

await runService('auth', () => import('./program.ts'));
