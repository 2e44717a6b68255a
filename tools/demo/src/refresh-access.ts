import { makeProof, type SigningKey } from '@tallystick/security';
import * as z from 'zod';

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });

/**
 * Exchanges a refresh token for a new access token (RFC 6749 §6), bound to the same key. The refresh token is rotated.
 */
export async function refreshAccess(options: {
  authUrl: string;
  clientId: string;
  refreshToken: string;
  dpopKey: SigningKey;
}): Promise<{ accessToken: string; refreshToken: string }> {
  const url = `${options.authUrl}/oauth/token`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { DPoP: await makeProof(options.dpopKey, { method: 'POST', url, nowMs: Date.now() }) },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: options.refreshToken,
      client_id: options.clientId,
    }),
  });
  if (!response.ok) throw new Error(`the refresh token was refused: ${response.status}`);
  const { access_token, refresh_token } = tokens.parse(await response.json());
  return { accessToken: access_token, refreshToken: refresh_token };
}
