import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { eventually } from '@tallystick/messaging/testing';
import { PrometheusSource } from '../src/figures/prometheus-source.ts';
import { figureCases, freePort } from './figure-cases.ts';

const SCRAPE_INTERVAL_S = 1;
/** Samples between two readings, from which Prometheus tells a growth. */
const SAMPLES = 4;

describe('figures from a Prometheus', () => {
  figureCases(async (port) => {
    const directory = await mkdtemp(join(tmpdir(), 'tallystick-prometheus-'));
    const config = join(directory, 'prometheus.yaml');
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: `${SCRAPE_INTERVAL_S}s` },
        scrape_configs: [{ job_name: 'services', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
      }),
    );
    const own = await freePort();
    const child = spawn(
      String(process.env['TALLYSTICK_PROMETHEUS']),
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${own}`,
      ],
      { stdio: 'ignore' },
    );
    const url = `http://127.0.0.1:${own}`;
    const source = new PrometheusSource(url, { scrapeIntervalS: SCRAPE_INTERVAL_S });
    const samples = async (): Promise<number> => {
      const query = new URLSearchParams({ query: 'count_over_time(up[1h])' });
      const answer = await fetch(`${url}/api/v1/query?${query.toString()}`);
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      return Number(data.result[0]?.value[1] ?? 0);
    };
    await eventually(() =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return {
      source,
      away: new PrometheusSource('http://127.0.0.1:1'),
      async read() {
        const wanted = (await samples()) + SAMPLES;
        await eventually(async () => (await samples()) >= wanted);
      },
      async stop() {
        child.kill();
        await once(child, 'exit');
        await rm(directory, { recursive: true });
      },
    };
  });
});
