import { runService } from '@tallystick/service/run-service.ts';

await runService('console', () => import('./program.ts'), {
  '--rebuild-index': async () => (await import('./rebuild.ts')).rebuild(process.env),
});
