import { createHash } from 'node:crypto';
import { errors, Provider, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import type { OidcRecords, StoredRecord } from '../store/oidc-records.ts';
import { REFRESH_GRACE_S } from './lifetimes.ts';
import type { BoundToken } from './misused-refresh-token.ts';

/** Models whose id is a credential: only its SHA-256 is stored, so that the database reveals no credentials. */
const CREDENTIAL_MODELS: ReadonlySet<string> = new Set([
  'AuthorizationCode',
  'RefreshToken',
  'AccessToken',
  'ClientCredentials',
  'PushedAuthorizationRequest',
]);

/** Models that are revoked with their grant. */
const GRANT_MODELS: ReadonlySet<string> = new Set(['AuthorizationCode', 'RefreshToken', 'AccessToken']);

/**
 * Records are kept this much longer than they live, so that the provider decides on expiry with its clock tolerance.
 */
const GRACE_S = 30;

/** Creates the provider's storage adapter over {@link OidcRecords}, one for each model. */
export function adapterFactory(records: OidcRecords): AdapterFactory {
  return (model) => createAdapter(records, model);
}

/** Finds a refresh token that was used, also during its grace. */
export async function findUsedRefreshToken(
  records: OidcRecords,
  value: string,
): Promise<BoundToken | undefined> {
  const stored = await records.find('RefreshToken', digestOf(value));
  return stored === undefined || stored.consumedAtS === null ? undefined : (stored.payload as BoundToken);
}

const digestOf = (credential: string): string => createHash('sha256').update(credential).digest('base64url');

function createAdapter(records: OidcRecords, model: string): Adapter {
  const isCredential = CREDENTIAL_MODELS.has(model);
  const isRefreshToken = model === 'RefreshToken';
  const keyOf = (id: string): string => (isCredential ? digestOf(id) : id);
  const restore = (stored: StoredRecord | undefined, id?: string): AdapterPayload | undefined => {
    if (stored === undefined) return undefined;
    return {
      ...(stored.payload as AdapterPayload),
      ...(isCredential && id !== undefined ? { jti: id } : {}),
      ...(stored.consumedAtS === null ? {} : { consumed: stored.consumedAtS }),
    };
  };

  /** Returns the refresh token that the running request replaces by this one. */
  const predecessorOf = (id: string): string | null => {
    const jti = isRefreshToken ? Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti : undefined;
    return jti === undefined || jti === id ? null : keyOf(jti);
  };

  return {
    async upsert(id, payload, expiresInS) {
      const kept: Record<string, unknown> = { ...payload };
      if (isCredential) delete kept.jti;
      const json = JSON.stringify(kept);
      // jsonb cannot store U+0000, and no protocol parameter needs it.
      if (json.includes('\\u0000')) throw new errors.InvalidRequest('a parameter holds a NUL character');
      const written = await records.put({
        model,
        id: keyOf(id),
        payload: json,
        uid: payload.uid ?? null,
        userCode: payload.userCode ?? null,
        grantId: GRANT_MODELS.has(model) ? (payload.grantId ?? null) : null,
        expiresInS: expiresInS === undefined ? null : expiresInS + GRACE_S,
        onlyNew: model === 'ReplayDetection',
        predecessorId: predecessorOf(id),
      });
      if (!written && isRefreshToken) {
        if (payload.grantId !== undefined) await records.destroyGrant(payload.grantId);
        throw new errors.InvalidGrant('a later refresh token was used');
      }
      // The provider reads before it writes; of two concurrent calls only one writes.
      if (!written) throw new errors.InvalidRequest('the proof or assertion was used before');
    },

    async find(id) {
      // Postgres has no text with U+0000, so nothing has such an id.
      if (id.includes('\0')) return undefined;
      if (model === 'Client' && (await records.isClientDisabled(id))) return undefined;
      const found = restore(await records.find(model, keyOf(id)), id);
      // The provider ends the grant of a used refresh token, so it does not learn of the use during the grace.
      if (isRefreshToken && found?.consumed !== undefined && (await records.mayRetry(keyOf(id))))
        delete found.consumed;
      return found;
    },

    async findByUid(uid) {
      return restore(await records.findByUid(model, uid));
    },

    async findByUserCode(userCode) {
      return restore(await records.findByUserCode(model, userCode));
    },

    async consume(id) {
      const isAccepted = isRefreshToken
        ? await records.useRefreshToken(keyOf(id), REFRESH_GRACE_S)
        : await records.consume(model, keyOf(id));
      if (!isAccepted) throw new errors.InvalidGrant('already used');
    },

    async destroy(id) {
      if (model === 'Grant') await records.destroyGrant(id);
      else await records.destroy(model, keyOf(id));
    },

    async revokeByGrantId(grantId) {
      await records.destroyGrant(grantId);
    },
  };
}
