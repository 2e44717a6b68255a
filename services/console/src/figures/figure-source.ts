/** A condition on a label of series, as a regular expression over its whole value. */
export interface LabelCondition {
  label: string;
  matches: string;
  /** Whether it excludes the series that match. */
  isExcluded?: boolean;
}

/** Counter series, summed by some of their labels. */
export interface CounterQuery {
  /** Name of the metric as Prometheus has it. */
  metric: string;
  by: readonly string[];
  where?: LabelCondition;
}

export type Labels = Readonly<Record<string, string>>;

export interface LabelledValue {
  labels: Labels;
  value: number;
}

export interface LabelledSteps {
  labels: Labels;
  /** One value for each step, oldest first. */
  values: number[];
}

/** A process that serves metrics. */
export interface Target {
  service: string;
  address: string;
  isUp: boolean;
}

/** Where live figures come from. Both sources answer the same questions on the metrics of the services. */
export interface FigureSource {
  /** Name for people, such as `Prometheus at http://127.0.0.1:9090`. */
  readonly name: string;
  /**
   * Returns by how much counters grew in the last `windowS` seconds. A counter that started again counts from zero.
   * @throws FiguresUnavailableError if the source does not answer
   */
  increases(query: CounterQuery, windowS: number): Promise<LabelledValue[]>;
  /**
   * Returns the growth of counters in each of `points` equal steps of the last `windowS` seconds.
   * @throws FiguresUnavailableError if the source does not answer
   */
  steps(query: CounterQuery, windowS: number, points: number): Promise<LabelledSteps[]>;
  /**
   * Returns the present values of a gauge, each with its label `service`.
   * @throws FiguresUnavailableError if the source does not answer
   */
  latest(metric: string): Promise<LabelledValue[]>;
  /**
   * Returns the processes whose metrics are read.
   * @throws FiguresUnavailableError if the source does not answer
   */
  targets(): Promise<Target[]>;
}

/** The source of figures does not answer, or answers something else. */
export class FiguresUnavailableError extends Error {
  override readonly name = 'FiguresUnavailableError';
}

/** The service that recorded a series, by the labels that either way of reading leaves. */
export const SERVICE_LABEL = 'service';
