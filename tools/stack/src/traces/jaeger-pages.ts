const PLACEHOLDER = 'placeholder for the Jaeger UI';
const TIMEOUT_MS = 5_000;

/**
 * Whether a Jaeger serves its pages. Releases and images do; a Jaeger built with Go alone, as by `npm run
 * jaeger:build`, serves its query API and a placeholder page.
 *
 * @param base `http://host:port` of the query API
 * @throws Error if nothing answers there
 */
export async function hasPages(base: string): Promise<boolean> {
  const response = await fetch(base, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return response.ok && !(await response.text()).includes(PLACEHOLDER);
}
