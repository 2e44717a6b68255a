/** The window of rates in panels: several scrapes, and short enough to see a change. */
const WINDOW = '$__rate_interval';

export const REQUESTS = 'http_server_request_duration_seconds';
export const MESSAGES = 'messaging_process_duration_seconds';
/** Outcomes of messages that are no refusal. */
export const NOT_REFUSED = 'tallystick_outcome!~"handled|duplicate"';

/** PromQL: events a second, summed by labels. */
export function rateBy(labels: string, selector: string): string {
  return `sum by (${labels}) (rate(${selector}[${WINDOW}]))`;
}

/** PromQL: the quantile of a histogram, by labels. */
export function quantileBy(quantile: number, labels: string, histogram: string, selector = ''): string {
  const by = labels === '' ? 'le' : `le, ${labels}`;
  return `histogram_quantile(${quantile}, ${rateBy(by, `${histogram}_bucket{${selector}}`)})`;
}
