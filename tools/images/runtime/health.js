/** Requests /health/ready, or a given path, of the service in this container; exit status 0 if the answer is 200. */
import { get } from 'node:http';

const request = get(
  { host: '127.0.0.1', port: process.env.PORT, path: process.argv[2] ?? '/health/ready', timeout: 4_000 },
  (response) => {
    response.resume();
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  },
);
request.on('timeout', () => request.destroy(new Error('no answer within 4 s')));
request.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
