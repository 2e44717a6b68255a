import { createBrowser, type Browser } from '@tallystick/demo';
import { until } from '@tallystick/stack';

const DECIDED_WITHIN_MS = 15_000;
const AGAIN_AFTER_MS = 100;
/** A refusal by the limit of an address, in seconds; one by the limit of an account takes longer. */
const RETRY_AFTER_S = '2';

/** Creates a browser that sends a request again while its address is at the limit of requests a second. */
export function patientBrowser(): Browser {
  const browser = createBrowser();
  const decided = async (request: () => Promise<Response>): Promise<Response> => {
    let response: Response | undefined;
    await until(
      async () => {
        response = await request();
        return response.status !== 429 || response.headers.get('retry-after') !== RETRY_AFTER_S;
      },
      DECIDED_WITHIN_MS,
      AGAIN_AFTER_MS,
    );
    return response!;
  };
  return {
    get: (url, headers) => decided(() => browser.get(url, headers)),
    post: (url, fields, headers) => decided(() => browser.post(url, fields, headers)),
    cookiesFor: (url) => browser.cookiesFor(url),
  };
}
