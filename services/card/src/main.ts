import { runService } from '@tallystick/service/run-service.ts';

await runService('card', () => import('./program.ts'));
