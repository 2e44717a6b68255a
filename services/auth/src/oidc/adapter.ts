import { createHash } from 'node:crypto';
import { errors, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import type { OidcRecords, StoredRecord } from '../store/oidc-records.ts';

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

function createAdapter(records: OidcRecords, model: string): Adapter {
  const isCredential = CREDENTIAL_MODELS.has(model);
  const keyOf = (id: string): string =>
    isCredential ? createHash('sha256').update(id).digest('base64url') : id;
  const restore = (stored: StoredRecord | undefined, id?: string): AdapterPayload | undefined => {
    if (stored === undefined) return undefined;
    return {
      ...(stored.payload as AdapterPayload),
      ...(isCredential && id !== undefined ? { jti: id } : {}),
      ...(stored.consumedAtS === null ? {} : { consumed: stored.consumedAtS }),
    };
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
      });
      // The provider reads before it writes; of two concurrent calls only one writes.
      if (!written) throw new errors.InvalidRequest('the proof or assertion was used before');
    },

    async find(id) {
      // Postgres has no text with U+0000, so nothing has such an id.
      if (id.includes('\0')) return undefined;
      if (model === 'Client' && (await records.isClientDisabled(id))) return undefined;
      return restore(await records.find(model, keyOf(id)), id);
    },

    async findByUid(uid) {
      return restore(await records.findByUid(model, uid));
    },

    async findByUserCode(userCode) {
      return restore(await records.findByUserCode(model, userCode));
    },

    async consume(id) {
      const first = await records.consume(model, keyOf(id));
      if (!first) throw new errors.InvalidGrant('already used');
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
