/** Names of labels that services write. */
export const label = {
  interface: 'tallystick_interface',
  version: 'tallystick_version',
  client: 'tallystick_client',
  outcome: 'tallystick_outcome',
  status: 'http_response_status_code',
  topic: 'messaging_destination_name',
  partition: 'messaging_destination_partition_id',
  boundary: 'le',
  use: 'tallystick_use',
  of: 'tallystick_of',
  currency: 'tallystick_currency',
  serviceName: 'service_name',
} as const;

/** The metrics that the console reads. */
export const metric = {
  requestBuckets: 'http_server_request_duration_seconds_bucket',
  requests: 'http_server_request_duration_seconds_count',
  outcomes: 'tallystick_messages_total',
  processBuckets: 'messaging_process_duration_seconds_bucket',
  processed: 'messaging_process_duration_seconds_count',
  deprecatedUses: 'tallystick_deprecated_uses_total',
  lag: 'tallystick_consumer_lag',
  outboxAge: 'tallystick_outbox_age_seconds',
  imbalance: 'tallystick_ledger_imbalance',
  ledgerCheck: 'tallystick_ledger_check_timestamp_seconds',
  keyAge: 'tallystick_key_age_seconds',
  keyRemaining: 'tallystick_key_remaining_seconds',
  snapshotAge: 'tallystick_snapshot_age_seconds',
  target: 'target_info',
} as const;

/** The labels that are kept of each metric. Series that differ in other labels only are summed as they are read. */
export const keptLabels: Readonly<Record<string, readonly string[]>> = {
  [metric.requestBuckets]: [label.interface, label.status, label.boundary],
  [metric.requests]: [label.interface, label.version, label.client, label.status],
  [metric.outcomes]: [label.topic, label.interface, label.outcome],
  [metric.processBuckets]: [label.interface, label.boundary],
  [metric.processed]: [label.interface, label.version, label.client],
  [metric.deprecatedUses]: [label.interface, label.version, label.client],
  [metric.lag]: [label.topic, label.partition],
  [metric.outboxAge]: [],
  [metric.imbalance]: [label.of, label.currency],
  [metric.ledgerCheck]: [],
  [metric.keyAge]: [label.use],
  [metric.keyRemaining]: [label.use],
  [metric.snapshotAge]: [],
  [metric.target]: [label.serviceName],
};
