const PLACEHOLDER = 'placeholder for the Jaeger UI';
const TIMEOUT_MS = 5_000;

/**
 * Whether a Jaeger has its pages. Its releases and images do; built with Go alone, as `npx tallystick build-jaeger` does,
 * it answers its query API and shows a placeholder page.
 *
 * @param base `http://host:port` of the query API
 * @throws Error if nothing answers there
 */
export async function hasPages(base: string): Promise<boolean> {
  const response = await fetch(base, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return response.ok && !(await response.text()).includes(PLACEHOLDER);
}
