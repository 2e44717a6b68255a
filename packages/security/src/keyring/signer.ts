/** Number of bytes of a signature in JWS form (RFC 8037, RFC 7518 §3.4), equal for Ed25519 and ES256. */
export const SIGNATURE_BYTES = 64;

/** A private key that signs bytes. */
export interface Signer {
  sign(data: Buffer): Promise<Buffer>;
}

/** A public key that verifies signatures of bytes. */
export interface Verifier {
  /** The curve, as in a JWK. */
  crv: string | undefined;
  /** Returns whether this is the key's signature of these bytes. */
  verify(data: Buffer, signature: Buffer): Promise<boolean>;
}
