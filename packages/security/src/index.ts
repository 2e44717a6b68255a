export { parse, faultsOf } from './parse/parse.ts';
export { JSON_MAX_DEPTH, parseExactJson, parseJson } from './parse/json.ts';
export {
  importDecryptionKey,
  importSigningKey,
  loadDecryptionKey,
  loadPrivateJwk,
  loadSigningKey,
  loadTrustAnchors,
  publicPart,
  thumbprint,
  type DecryptionKey,
  type SigningKey,
} from './keyring/jwk.ts';
export { signCertificate, signRevocation, signSnapshot } from './keyring/certificate.ts';
export {
  POSSESSION_TYP,
  signPossession,
  verifyPossession,
  type Application,
} from './keyring/proof-of-possession.ts';
export { certificateDigest, Keyring } from './keyring/keyring.ts';
export { keyringOfLastStatement } from './keyring/last-statement.ts';
export type { AcceptedSnapshot, KeyringAlarm, TrustedKey } from './keyring/trusted-key.ts';
export { defaultPolicy, type EnvelopePolicy } from './envelope/claims.ts';
export {
  seal,
  sealBatch,
  type Sender,
  type Unsealed,
  type SealedEnvelope,
  type SealOptions,
} from './envelope/seal.ts';
export {
  claimed,
  claimedExpiryS,
  claimedKeyId,
  claimedPaymentId,
  claimedSender,
  claimedType,
} from './envelope/claimed.ts';
export { openIfMine, open, type OpenContext, type OpenResult, type ReceivedRecord } from './envelope/open.ts';
export type { OpenedMessage } from './envelope/opened-message.ts';
export type { RefusedMessage } from './envelope/refusal.ts';
export {
  ACCESS_TOKEN_TYPE,
  requireValidAt,
  TOKEN_LIFETIME_MAX_S,
  verifyAccessToken,
  type AccessToken,
} from './request/access-token.ts';
export { makeProof, PROOF_ALGORITHMS, verifyProof, type DpopProof } from './request/dpop.ts';
export { DEVICE_KNOWN_MS, KnownDevices } from './request/known-devices.ts';
export { contentDigest } from './request/content-digest.ts';
export {
  decryptField,
  encryptField,
  fingerprint,
  fingerprintsOf,
  type FieldPlace,
  type Fingerprint,
} from './field/encrypt.ts';
export {
  IMPORTED_FINGERPRINT_KEY,
  loadFieldKeys,
  loadKeyEncryptionKeys,
  type FieldKeys,
  type KeySet,
} from './field/key-set.ts';
export {
  newDataKey,
  UnwrapError,
  unwrapKey,
  wrapKey,
  wrapperOf,
  type DataKeyName,
  type KeyPurpose,
} from './field/wrap-key.ts';
export {
  verifiedOrCode,
  verifyEvidence,
  type EvidenceContext,
  type EvidenceUse,
  type VerifiedEvidence,
  type VerifiedRequest,
} from './evidence/verify.ts';
