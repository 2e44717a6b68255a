import {
  newDataKey,
  unwrapKey,
  wrapKey,
  wrapperOf,
  type FieldKeys,
  type KeyPurpose,
  type KeySet,
} from '@tallystick/security';
import { revaultNumber } from '../vault.ts';
import type { KeyStore, StoredKey } from './key-store.ts';

const PURPOSES: readonly KeyPurpose[] = ['encryption', 'fingerprint'];

export interface KeepingContext {
  keyEncryptionKeys: KeySet;
  /** Age at which a key is replaced, in milliseconds. */
  lifeMs: number;
  nowMs: number;
}

/** The ids of keys that {@link keepKeys} added or wrapped again, as `purpose/id`. */
export interface KeptKeys {
  added: string[];
  rewrapped: string[];
}

/** The card numbers are encrypted under keys that nobody gave. */
export class KeysMissingError extends Error {
  override readonly name = 'KeysMissingError';
}

/** Says whether {@link keepKeys} would change the keys. */
export function isDue(stored: readonly StoredKey[], context: KeepingContext): boolean {
  return (
    PURPOSES.some((purpose) => isReplaced(newestOf(stored, purpose), context)) ||
    stored.some((key) => isWrappedByOlder(key, context))
  );
}

/**
 * Brings the data keys up to date: imports or creates the first ones, adds a successor to each key that is too old, and
 * wraps keys of an older key-encryption key again. It waits until no other transaction uses the keys.
 * @param imported the keys that earlier releases read from a file; taken only if there are no keys yet
 * @throws KeysMissingError if there are numbers but no keys
 * @throws UnwrapError if a key was wrapped by another key-encryption key
 */
export async function keepKeys(
  store: KeyStore,
  context: KeepingContext,
  imported?: FieldKeys,
): Promise<KeptKeys> {
  const stored = await store.lockKeys();
  if (stored.length === 0 && imported === undefined && (await store.hasNumbers()))
    throw new KeysMissingError('the card numbers are encrypted under keys that the database does not hold');
  const added = stored.length === 0 && imported !== undefined ? importedKeys(imported, context) : [];
  for (const purpose of PURPOSES)
    if (isReplaced(newestOf([...stored, ...added], purpose), context))
      added.push(createKey(purpose, context));
  store.insertKeys(added);
  // Also checks that every key can be unwrapped.
  const rewrapped = stored
    .map((key) => ({ key, plain: unwrapKey(context.keyEncryptionKeys, key, key.wrapped) }))
    .filter(({ key }) => isWrappedByOlder(key, context))
    .map(({ key, plain }) => ({ ...key, wrapped: wrapKey(context.keyEncryptionKeys, key, plain) }));
  store.updateKeys(rewrapped);
  return { added: added.map(nameOf), rewrapped: rewrapped.map(nameOf) };
}

/**
 * Encrypts and fingerprints some of the numbers of replaced keys again, under the current keys.
 * @param keys unwrapped in this transaction by {@link KeyStore.holdKeys}
 * @returns how many; fewer than `limit` if no others are left, or others have locked them
 */
export async function revaultNumbers(store: KeyStore, keys: FieldKeys, limit: number): Promise<number> {
  const replaced = { encryption: replacedIn(keys.encryption), fingerprint: replacedIn(keys.fingerprint) };
  if (replaced.encryption.length + replaced.fingerprint.length === 0) return 0;
  const numbers = await store.lockNumbersUnder(replaced, limit);
  store.updateNumbers(numbers.map((number) => revaultNumber(number, keys)));
  return numbers.length;
}

/**
 * Deletes replaced keys that nothing uses any more.
 * @param tryWith runs its work in a transaction; the second one excludes those that use keys
 * @returns their ids, as `purpose/id`
 */
export async function retireKeys(
  tryWith: <T>(work: (store: KeyStore) => Promise<T>) => Promise<T>,
): Promise<string[]> {
  const unused = await tryWith(async (store) => store.findUnused(replacedAmong(await store.holdKeys())));
  if (unused.length === 0) return [];
  return tryWith(async (store) => {
    const retired = await store.findUnused(replacedAmong(await store.lockKeys()));
    await store.deleteKeys(retired);
    return retired.map(nameOf);
  });
}

function isReplaced(newest: StoredKey | undefined, { lifeMs, nowMs }: KeepingContext): boolean {
  return newest === undefined || nowMs - newest.createdAtMs >= lifeMs;
}

/** A key-encryption key that this process does not know yet is newer than the current one, not older. */
function isWrappedByOlder({ wrapped }: StoredKey, { keyEncryptionKeys }: KeepingContext): boolean {
  const wrapper = wrapperOf(wrapped);
  return wrapper !== keyEncryptionKeys.current && wrapper in keyEncryptionKeys.keys;
}

function newestOf(stored: readonly StoredKey[], purpose: KeyPurpose): StoredKey | undefined {
  return stored.findLast((key) => key.purpose === purpose);
}

function replacedAmong(stored: readonly StoredKey[]): StoredKey[] {
  return stored.filter((key) => newestOf(stored, key.purpose) !== key);
}

function replacedIn({ current, keys }: KeySet): string[] {
  return Object.keys(keys).filter((keyId) => keyId !== current);
}

function createKey(purpose: KeyPurpose, { keyEncryptionKeys, nowMs }: KeepingContext): StoredKey {
  const { keyId, key } = newDataKey(nowMs);
  const wrapped = wrapKey(keyEncryptionKeys, { purpose, keyId }, key);
  return { purpose, keyId, wrapped, createdAtMs: nowMs };
}

/** The current keys of a file become the newest ones. */
function importedKeys(imported: FieldKeys, { keyEncryptionKeys, nowMs }: KeepingContext): StoredKey[] {
  return PURPOSES.flatMap((purpose) => {
    const { current, keys } = imported[purpose];
    const ids = [...Object.keys(keys).filter((keyId) => keyId !== current), current];
    return ids.map((keyId) => ({
      purpose,
      keyId,
      wrapped: wrapKey(keyEncryptionKeys, { purpose, keyId }, keys[keyId]!),
      createdAtMs: keyId === current ? nowMs : nowMs - 1,
    }));
  });
}

function nameOf({ purpose, keyId }: Pick<StoredKey, 'purpose' | 'keyId'>): string {
  return `${purpose}/${keyId}`;
}
