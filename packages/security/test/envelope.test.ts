import { beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import fc from 'fast-check';

import { defaultPolicy, open, seal, type Keyring, type OpenContext } from '../src/index.ts';
import { keyringOf, nowMs, nowS } from './trust.ts';
import {
  anotherPaymentId,
  command,
  event,
  handledOrder,
  order,
  paymentId,
  sealed,
} from './vectors/messages.ts';
import { vectorWorld, type World } from './vectors/world.ts';

let world: World;
let keyring: Keyring;
beforeAll(async () => {
  world = await vectorWorld();
  ({ keyring } = await keyringOf(world.registrar, world.keyTopic));
});

const openText = (
  value: string | Buffer,
  where: { topic: string; key: string | null } = { topic: command.aud, key: paymentId },
  context: Partial<OpenContext> = {},
) => open({ ...where, value: Buffer.from(value) }, { keyring, nowMs, ...context });

describe('an opened message', () => {
  test('has its claims, its decoded payload and the signed bytes', async () => {
    const jws = await sealed(world.acme);
    const result = await openText(jws);
    expect(result).toMatchObject({
      ok: true,
      message: {
        definition: messages.paymentCreate,
        kid: world.acme.kid,
        claims: { iss: 'acme', jti: command.jti, txn: command.txn },
        data: handledOrder,
        jws,
      },
    });
  });

  test('must be remembered while it would be accepted: a command until its expiry plus the skew', async () => {
    const jws = await sealed(world.acme);
    const result = await openText(jws);
    const until = result.ok ? result.message.rememberUntilS : 0;
    expect(until).toBe(command.exp + defaultPolicy.clockSkewS);
    expect((await openText(jws, undefined, { nowMs: (until - 1) * 1000 })).ok).toBe(true);
    expect((await openText(jws, undefined, { nowMs: until * 1000 })).ok).toBe(false);
  });

  test('must be remembered while it would be accepted: an event for the horizon', async () => {
    const jws = await sealed(world.payment, event);
    const where = { topic: event.aud, key: paymentId };
    const result = await openText(jws, where);
    const until = result.ok ? result.message.rememberUntilS : 0;
    expect(until).toBe(event.iat + defaultPolicy.eventHorizonS);
    expect((await openText(jws, where, { nowMs: (until - 1) * 1000 })).ok).toBe(true);
    expect((await openText(jws, where, { nowMs: until * 1000 })).ok).toBe(false);
  });

  test('is found by its topic without the prefix, while its audience includes the prefix', async () => {
    const where = { topic: `t1.${command.aud}`, key: paymentId };
    const context = { topicPrefix: 't1.' };
    const jws = await sealed(world.acme, { ...command, aud: where.topic });
    expect((await openText(jws, where, context)).ok).toBe(true);
    expect(await openText(await sealed(world.acme), where, context)).toMatchObject({
      refusal: { code: 'envelope.audience_mismatch' },
    });
  });
});

describe('a sealed message', () => {
  test('opens with any amount and any end-to-end id', async () => {
    const amounts = fc.bigInt({ min: 1n, max: BigInt(Number.MAX_SAFE_INTEGER) });
    const words = fc
      .stringMatching(/^[A-Za-z0-9/?:().,'+ -]{1,35}$/)
      .filter((id) => !id.startsWith(' ') && !id.endsWith(' '));
    await fc.assert(
      fc.asyncProperty(amounts, words, async (amountMinor, endToEndId) => {
        const data = {
          paymentId: newId('pay'),
          source: { kind: 'account' as const, accountId: newId('acc') },
          payee: { kind: 'account' as const, accountId: newId('acc') },
          amountMinor,
          currency: 'EUR' as const,
          capture: 'manual' as const,
          capturedBy: 'payee' as const,
          endToEndId,
        };
        const envelope = await seal(messages.paymentCreate, data, {
          issuer: 'acme',
          signingKey: world.acme,
          topic: command.aud,
          nowMs,
        });
        const result = await openText(envelope.value, { topic: command.aud, key: envelope.key });
        expect(result).toMatchObject({ ok: true, message: { data } });
      }),
      { numRuns: 50 },
    );
  });

  test('is not encrypted in a second spelling of the same bytes', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const data = { tokenizationId: newId('tok'), number: '4111111111111111' };
    const options = { issuer: 'acme', signingKey: world.acme, topic: 'card.commands.v1', nowMs };
    const encryptTo = keyring.encryptionKeyOf('card');
    const { value, key } = await seal(messages.cardTokenize, data, { ...options, encryptTo });
    // The tag has 16 bytes, so the last of its 22 characters has four bits to spare.
    const last = alphabet.indexOf(value.at(-1)!);
    expect(last % 16).toBe(0);
    for (const spare of [1, 8, 15]) {
      const other = value.slice(0, -1) + alphabet[last + spare]!;
      const result = await openText(other, { topic: options.topic, key }, { decryptionKeys: [world.card] });
      expect(result).toMatchObject({ ok: false, refusal: { code: 'envelope.malformed' } });
    }
  });

  test('is encrypted, without payload in the clear, if its type is confidential', async () => {
    const data = { tokenizationId: newId('tok'), number: '4111111111111111' };
    const options = { issuer: 'acme', signingKey: world.acme, topic: 'card.commands.v1', nowMs };
    await expect(seal(messages.cardTokenize, data, options)).rejects.toThrow(/recipient/);
    const encryptTo = keyring.encryptionKeyOf('card');
    const { value, key } = await seal(messages.cardTokenize, data, { ...options, encryptTo });
    const readable = value.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(readable.join()).not.toContain(data.number);
    const result = await openText(value, { topic: options.topic, key }, { decryptionKeys: [world.card] });
    expect(result).toMatchObject({ ok: true, message: { data } });
  });

  test('is refused by its sender if it does not match its definition', async () => {
    const options = { issuer: 'acme', signingKey: world.acme, topic: command.aud, nowMs };
    const data = { ...order, amountMinor: 0n, capture: 'manual' } as never;
    await expect(seal(messages.paymentCreate, data, options)).rejects.toThrow();
  });
});

describe('the size of a message', () => {
  test('is checked before anything else is read', async () => {
    const policy = { ...defaultPolicy, valueBytesMax: 1_000 };
    const result = await openText('?'.repeat(1_001), undefined, { policy });
    expect(result).toMatchObject({ ok: false, refusal: { check: 'size', code: 'envelope.too_large' } });
  });

  test('has a default limit', async () => {
    const value = 'A'.repeat(defaultPolicy.valueBytesMax + 1);
    expect(await openText(value)).toMatchObject({ refusal: { code: 'envelope.too_large' } });
  });
});

describe('arbitrary bytes', () => {
  test('are refused and never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await openText(Buffer.from(bytes))).toMatchObject({ ok: false });
      }),
    );
  });

  test('are refused and never throw as three unsigned parts of base64url', async () => {
    const part = fc.oneof(
      fc.base64String().map((text) => Buffer.from(text).toString('base64url')),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.constant(Buffer.from(JSON.stringify(command)).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(part, part, part, async (header, payload, signature) => {
        expect(await openText(`${header}.${payload}.${signature}`)).toMatchObject({ ok: false });
      }),
    );
  });

  test('are refused as a valid message with any changed bit', async () => {
    const good = Buffer.from(await sealed(world.acme));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(good);
        changed[at]! ^= 1 << bit;
        expect(await openText(changed)).toMatchObject({ ok: false });
      }),
      { numRuns: 500 },
    );
  });

  test('are refused as a valid message with other unused bits in the last character', async () => {
    const good = await sealed(world.acme);
    const bytes = (text: string): string =>
      Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twins = Array.from(alphabet, (letter) => good.slice(0, -1) + letter).filter(
      (text) => text !== good && bytes(text) === bytes(good),
    );
    expect(twins).toHaveLength(15);
    for (const twin of twins)
      expect(await openText(twin)).toMatchObject({ refusal: { code: 'envelope.signature_invalid' } });
  });
});

describe('a key that is not known yet', () => {
  test('is awaited, and the message is accepted when the key arrives', async () => {
    const { keyring: late } = await keyringOf(world.registrar, []);
    const waitForKey = async (kid: string): Promise<boolean> => {
      for (const record of world.keyTopic) await late.take(record);
      return late.find(kid) !== undefined;
    };
    const result = await openText(await sealed(world.acme), undefined, { keyring: late, waitForKey });
    expect(result.ok).toBe(true);
  });

  test('is unknown if it does not arrive in time', async () => {
    const result = await openText(await sealed(world.stranger), undefined, { waitForKey: async () => false });
    expect(result).toMatchObject({ refusal: { check: 'key', code: 'envelope.key_unknown' } });
  });
});

describe('a keyring whose snapshot has ended', () => {
  test('opens events, and no command', async () => {
    const old = await keyringOf(world.registrar, world.keyTopic);
    old.clock.nowS = nowMs / 1000 + 30 * 86_400;
    const context = { keyring: old.keyring };
    expect(await openText(await sealed(world.acme), undefined, context)).toMatchObject({
      refusal: { code: 'envelope.keys_stale', check: 'key_validity' },
    });
    const fromPayment = await sealed(world.payment, event);
    expect((await openText(fromPayment, { topic: event.aud, key: paymentId }, context)).ok).toBe(true);
  });
});

describe('a refusal', () => {
  test('names the faulty places and never repeats a value', async () => {
    const secret = 'a-secret-that-must-not-be-told';
    const data = { ...order, amountMinor: secret, payeeAccountId: secret, extra: secret };
    const result = await openText(await sealed(world.acme, { ...command, data }));
    const refusal = result.ok ? undefined : result.refusal;
    expect(refusal?.faults?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/data/amountMinor', '/data/payeeAccountId']),
    );
    expect(JSON.stringify(refusal)).not.toContain(secret);
  });
});

describe('a message of a key that was revoked', () => {
  // The key of the vectors was revoked a day ago.
  const revokedS = nowS - 86_400;
  const openSigned = async (iat: number, context: Partial<OpenContext>) => {
    const jws = await sealed(world.revoked, { ...command, iat, exp: iat + 300 });
    const result = await openText(jws, undefined, { nowMs: iat * 1000, ...context });
    return result.ok ? 'opened' : result.refusal.code;
  };

  test.each([
    ['before its revocation', revokedS - 1, 'opened'],
    ['at its revocation', revokedS, 'envelope.key_revoked'],
    ['after its revocation', revokedS + 1, 'envelope.key_revoked'],
  ])('%s counts only for who reads history, and only as it was signed', async (_name, iat, asSigned) => {
    expect(await openSigned(iat, { asSigned: true })).toBe(asSigned);
    expect(await openSigned(iat, {})).toBe('envelope.key_revoked');
  });
});

/** The possible defects of a message, in the order of the checks. */
const defects = [
  { name: 'header', code: 'envelope.header_refused', header: { crit: ['exp'] } },
  { name: 'claims', code: 'envelope.claims_invalid', claims: { txn: undefined } },
  { name: 'key', code: 'envelope.key_unknown', signer: 'stranger' },
  { name: 'key validity', code: 'envelope.key_revoked', signer: 'revoked' },
  { name: 'issuer', code: 'envelope.issuer_mismatch', claims: { iss: 'globex' } },
  { name: 'signature', code: 'envelope.signature_invalid', header: { alg: 'ES256' } },
  { name: 'audience', code: 'envelope.audience_mismatch', claims: { aud: 'account.commands.v1' } },
  { name: 'subject', code: 'envelope.subject_mismatch', claims: { sub: anotherPaymentId } },
  { name: 'future', code: 'envelope.issued_in_future', claims: { iat: nowS + 60 } },
  { name: 'lifetime', code: 'envelope.lifetime_too_long', claims: { exp: nowS + 86_400 } },
  { name: 'permission', code: 'envelope.not_permitted', claims: { type: 'payment.refund' } },
  { name: 'schema', code: 'envelope.schema_invalid', claims: { data: { ...order, note: 'please' } } },
] as const;

const pairs = defects.flatMap((first, at) =>
  defects
    .slice(at + 1)
    .filter((second) => !('signer' in first && 'signer' in second))
    .map((second) => [first.name, second.name, first, second] as const),
);

describe('a message with two defects', () => {
  test.each(pairs)('is refused for %s before %s', async (_first, _second, first, second) => {
    const merged = { ...second, ...first } as { signer?: 'stranger' | 'revoked' };
    const signer = world[merged.signer ?? 'acme'];
    const claims = { ...command, ...claimsOf(second), ...claimsOf(first) };
    const value = await sealed(signer, claims, { ...headerOf(second), ...headerOf(first) });
    expect(await openText(value)).toMatchObject({ ok: false, refusal: { code: first.code } });
  });
});

function claimsOf(defect: (typeof defects)[number]): object {
  return 'claims' in defect ? defect.claims : {};
}

function headerOf(defect: (typeof defects)[number]): object {
  return 'header' in defect ? defect.header : {};
}
