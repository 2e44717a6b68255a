/** Requests /health/ready, or a given path, of the service in this container; exit status 0 if the answer is 200. */
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const { PORT, TLS_CERTIFICATE_FILE } = process.env;
const options = {
  host: '127.0.0.1',
  port: PORT,
  path: process.argv[2] ?? '/health/ready',
  timeout: 4_000,
  // The certificate is for the Service's name, and this connection does not leave the container.
  rejectUnauthorized: false,
};
const request = (TLS_CERTIFICATE_FILE ? getHttps : getHttp)(options, (response) => {
  response.resume();
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.on('timeout', () => request.destroy(new Error('no answer within 4 s')));
request.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
