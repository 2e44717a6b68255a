import { TOKEN_LIFETIME_MAX_S } from '@tallystick/security';

/** How long after it was signed a request may still move money: its token is checked again then. */
const EVIDENCE_AGE_MAX_S = 3_600;
/** How long a revocation is needed, in seconds. */
export const REVOCATION_KEPT_S = TOKEN_LIFETIME_MAX_S + EVIDENCE_AGE_MAX_S + 60;
/** How long a replaced token key is kept: its tokens, and requests that are evidence, may still arrive. */
export const TOKEN_KEY_KEPT_MS = REVOCATION_KEPT_S * 1_000;
