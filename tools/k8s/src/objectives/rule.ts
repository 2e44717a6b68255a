/** A rule of Prometheus that stores the value of an expression as a series. */
export interface RecordingRule {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

/** A rule of Prometheus that alerts while its expression has a value. */
export interface AlertingRule {
  alert: string;
  expr: string;
  labels: { severity: 'critical' | 'warning' } & Record<string, string>;
  annotations: Record<string, string>;
}

/** Rules that Prometheus evaluates in their order. */
export interface RuleGroup {
  name: string;
  /** How often; by default as often as Prometheus is configured to. */
  interval?: string;
  rules: (RecordingRule | AlertingRule)[];
}
