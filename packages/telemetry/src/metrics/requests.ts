import { metrics } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';
import { countedClient } from './bounded-names.ts';
import { DURATION_BUCKETS_S } from './durations.ts';

const meter = metrics.getMeter('tallystick');

const durations = meter.createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
  unit: 's',
  description: 'Time from a request to the end of its response, by operation, version and client',
  advice: { explicitBucketBoundaries: DURATION_BUCKETS_S },
});
/** Not stable yet in the semantic conventions, so its name is a constant of ours. */
const active = meter.createUpDownCounter('http.server.active_requests', {
  unit: '{request}',
  description: 'Requests that wait for their response, by operation',
});

/** An operation of which a request is counted. */
export interface CountedOperation {
  id: string;
  version: number;
  method: string;
  route: string;
}

/** How a request ended. */
export interface RequestOutcome {
  /** `undefined` if the client went away before the response. */
  status: number | undefined;
  /** The code of the error, if there was one. */
  code: string | undefined;
  /** The verified client; `undefined` if there was none. */
  client: string | undefined;
}

/** `error.type` of a request whose client went away. */
const ABORTED = 'aborted';

/**
 * Counts a request from now on.
 * @returns to be called once, when it has ended
 */
export function countRequest({
  id,
  version,
  method,
  route,
}: CountedOperation): (end: RequestOutcome) => void {
  const startedAt = performance.now();
  const called = { [ATTR_HTTP_REQUEST_METHOD]: method, 'tallystick.interface': id };
  active.add(1, called);
  return ({ status, code, client }) => {
    active.add(-1, called);
    const error = status === undefined ? ABORTED : code;
    durations.record((performance.now() - startedAt) / 1_000, {
      ...called,
      'tallystick.version': version,
      [ATTR_HTTP_ROUTE]: route,
      ...(status === undefined ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
      ...(error === undefined ? {} : { [ATTR_ERROR_TYPE]: error }),
      ...(client === undefined ? {} : { 'tallystick.client': countedClient(client) }),
    });
  };
}
