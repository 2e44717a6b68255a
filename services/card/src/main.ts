import { runService } from '@tallystick/service';
import { readConfig } from './config.ts';
import { startCard } from './service.ts';
import { cardSchema } from './store/schema.ts';

await runService('card', cardSchema, async () => startCard(await readConfig(process.env)));
