import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { writeSchema } from './write-schema.ts';
import { runService } from '../src/run-service.ts';

/** The behaviours of this program's service at its start, by the first word of `BEHAVIOUR`. */
const behaviours: Record<string, (word: string) => Promise<Server>> = {
  listen: async (port) => {
    const server = createServer();
    server.listen(Number(port), '127.0.0.1');
    await once(server, 'listening');
    return server;
  },
  fail: (message) => Promise.reject(new Error(message)),
  'fail-with': (code) => Promise.reject(Object.assign(new Error('connect failed'), { code })),
};

const [behaviour = '', word = ''] = (process.env['BEHAVIOUR'] ?? '').split(' ');

await runService('payment', async () => ({
  schema: await writeSchema(process.env['DIRECTORY']!),
  async start() {
    const server = await behaviours[behaviour]!(word);
    // After the frame has installed its handlers: from then on a signal stops the service.
    setImmediate(() => process.stdout.write('started\n'));
    return {
      stop: async () => {
        process.stdout.write('stopping\n');
        await new Promise((resolve) => server.close(resolve));
        process.stdout.write('stopped\n');
      },
    };
  },
}));
