import { windowsS, type Window } from './burn-rates.ts';
import type { Transport } from './objective-series.ts';
import type { RecordingRule, RuleGroup } from './rule.ts';

/** From this window on, rules are evaluated every two minutes: they read many samples and change slowly. */
const LONG_WINDOW_S = windowsS['6h'];

/** What one kind of objective counts, in PromQL by `tallystick_interface`. */
interface Measure {
  transport: Transport;
  objective: 'availability' | 'latency';
  /** The rate of all requests or messages that count. */
  counted: (window: Window) => string;
  /** The rate of those that miss the objective; no value means none. */
  missed: (window: Window) => string;
}

const byInterface = 'sum by (tallystick_interface)';
const REQUESTS = 'http_server_request_duration_seconds';
const MESSAGES = 'messaging_process_duration_seconds';
const OUTCOMES = 'tallystick_messages_total';
/** Other programs record requests by the same name; only ours have an interface. */
const OURS = 'tallystick_interface!=""';
const ANSWERED = `${OURS},http_response_status_code!~"5.."`;
const FAILED = 'tallystick_outcome="message.handler_failed"';

const measures: readonly Measure[] = [
  {
    transport: 'http',
    objective: 'availability',
    counted: (window) => `${byInterface} (rate(${REQUESTS}_count{${OURS}}[${window}]))`,
    missed: (window) =>
      `${byInterface} (rate(${REQUESTS}_count{${OURS},http_response_status_code=~"5.."}[${window}]))`,
  },
  {
    transport: 'http',
    objective: 'latency',
    counted: (window) => `${byInterface} (rate(${REQUESTS}_count{${ANSWERED}}[${window}]))`,
    missed: (window) => late(REQUESTS, ANSWERED, 'http', window),
  },
  {
    transport: 'kafka',
    objective: 'availability',
    counted: (window) =>
      `${byInterface} (rate(${OUTCOMES}{tallystick_outcome=~"handled|duplicate|message.handler_failed"}[${window}]))`,
    missed: (window) => `${byInterface} (rate(${OUTCOMES}{${FAILED}}[${window}]))`,
  },
  {
    transport: 'kafka',
    objective: 'latency',
    counted: (window) => `${byInterface} (rate(${MESSAGES}_count{${OURS}}[${window}]))`,
    missed: (window) => late(MESSAGES, OURS, 'kafka', window),
  },
];

/** The rate of durations above the threshold of each interface. */
function late(histogram: string, selector: string, transport: Transport, window: Window): string {
  const inTime = `sum by (tallystick_interface, le) (rate(${histogram}_bucket{${selector}}[${window}]))`;
  const bucket = `tallystick:objective:bucket{tallystick_transport="${transport}"}`;
  return [
    `${byInterface} (rate(${histogram}_count{${selector}}[${window}]))`,
    `- ${byInterface} (${inTime} * on (tallystick_interface, le) ${bucket})`,
  ].join('\n');
}

/**
 * Records for each window how many requests and messages count for an objective, how many miss it, and their ratio.
 * Without traffic there is no ratio.
 */
export function missRatios(): RuleGroup[] {
  return (Object.keys(windowsS) as Window[]).map((window) => ({
    name: `tallystick-misses-${window}`,
    ...(windowsS[window] < LONG_WINDOW_S ? {} : { interval: '2m' }),
    rules: [
      ...measures.flatMap(({ transport, objective, counted, missed }): RecordingRule[] => {
        const labels = { tallystick_transport: transport, tallystick_objective: objective };
        return [
          { record: countedSeries(window), expr: counted(window), labels },
          { record: missesSeries(window), expr: missed(window), labels },
        ];
      }),
      {
        record: missRatioSeries(window),
        expr: `(${missesSeries(window)} or 0 * ${countedSeries(window)}) / (${countedSeries(window)} > 0)`,
      },
    ],
  }));
}

function countedSeries(window: Window): string {
  return `tallystick:counted:rate${window}`;
}

/** Misses a second. */
export function missesSeries(window: Window): string {
  return `tallystick:misses:rate${window}`;
}

/** Misses as a share of all that counts. */
export function missRatioSeries(window: Window): string {
  return `tallystick:misses:ratio_rate${window}`;
}
