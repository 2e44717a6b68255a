import type { Logger } from '@tallystick/telemetry';
import type { FigureSource } from './figure-source.ts';
import { PrometheusSource } from './prometheus-source.ts';
import { ScrapedSource } from './scraped-source.ts';

/** A source of figures that runs until it is stopped. */
export interface OpenedFigures {
  source: FigureSource;
  stop(): Promise<void>;
}

/** Opens the source of live figures: a Prometheus if there is one, otherwise the metrics of the processes themselves. */
export async function openFigures(options: {
  prometheusUrl: string | undefined;
  metricsUrls: readonly string[];
  logger: Logger;
}): Promise<OpenedFigures> {
  const { prometheusUrl, metricsUrls, logger } = options;
  if (prometheusUrl !== undefined)
    return { source: new PrometheusSource(prometheusUrl), stop: async () => {} };
  const source = new ScrapedSource({ addresses: metricsUrls, logger });
  await source.start();
  return { source, stop: () => source.stop() };
}
