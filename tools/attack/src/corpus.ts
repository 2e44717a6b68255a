import type { Family } from './attack.ts';
import { bareAttacks, scopeAttacks } from './attacks/derived/access.ts';
import { memberAttacks, queryAttacks } from './attacks/derived/bodies.ts';
import { objectAttacks } from './attacks/derived/objects.ts';
import { mandateAttacks } from './attacks/authority/mandates.ts';
import { orderAttacks } from './attacks/authority/orders.ts';
import { paymentAttacks } from './attacks/authority/payments.ts';
import { permissionAttacks } from './attacks/authority/permissions.ts';
import { producerPaymentAttacks } from './attacks/authority/producer-payments.ts';
import { cardAttacks } from './attacks/cards.ts';
import { decisionEvidenceAttacks } from './attacks/evidence/decisions.ts';
import { endEvidenceAttacks } from './attacks/evidence/ends.ts';
import { orderEvidenceAttacks } from './attacks/evidence/orders.ts';
import { requestEvidenceAttacks } from './attacks/evidence/requests.ts';
import { brokerAttacks } from './attacks/broker.ts';
import { batchAttacks } from './attacks/envelope/batch.ts';
import { claimsAttacks } from './attacks/envelope/claims.ts';
import { headerAttacks } from './attacks/envelope/header.ts';
import { recordHeaderAttacks } from './attacks/envelope/record.ts';
import { signatureAttacks } from './attacks/envelope/signature.ts';
import { keyAttacks } from './attacks/keys/records.ts';
import { guessingAttacks } from './attacks/limits/guessing.ts';
import { rateAttacks } from './attacks/limits/rate.ts';
import { slowAttacks } from './attacks/limits/slow.ts';
import { clientAttacks } from './attacks/oauth/clients.ts';
import { codeAttacks } from './attacks/oauth/codes.ts';
import { requestAttacks } from './attacks/oauth/requests.ts';
import { formAttacks } from './attacks/pages/forms.ts';
import { scriptAttacks } from './attacks/pages/scripts.ts';
import { sessionAttacks } from './attacks/pages/sessions.ts';
import { proofBodyAttacks } from './attacks/proofs/bodies.ts';
import { proofAttacks } from './attacks/proofs/reads.ts';
import { registrarAttacks } from './attacks/registrar.ts';
import { restartAttacks } from './attacks/restart.ts';
import { tokenAttacks } from './attacks/tokens.ts';
import { bodyAttacks } from './attacks/wire/bodies.ts';
import { smugglingAttacks } from './attacks/wire/smuggling.ts';

/** The corpus: every family of attacks. */
export const families: readonly Family[] = [
  {
    name: 'envelope',
    attacks: [...headerAttacks, ...signatureAttacks, ...claimsAttacks, ...recordHeaderAttacks],
  },
  { name: 'batch', attacks: batchAttacks },
  { name: 'tokens', attacks: tokenAttacks },
  { name: 'proofs', attacks: [...proofAttacks, ...proofBodyAttacks] },
  { name: 'access', attacks: bareAttacks },
  { name: 'scopes', attacks: scopeAttacks },
  { name: 'objects', attacks: objectAttacks },
  { name: 'members', attacks: memberAttacks },
  { name: 'queries', attacks: queryAttacks },
  { name: 'wire', attacks: smugglingAttacks },
  { name: 'bodies', attacks: bodyAttacks },
  { name: 'requests', attacks: requestAttacks },
  { name: 'codes', attacks: codeAttacks },
  { name: 'clients', attacks: clientAttacks },
  { name: 'pages', attacks: [...formAttacks, ...sessionAttacks, ...scriptAttacks] },
  { name: 'orders', attacks: orderAttacks },
  { name: 'permissions', attacks: permissionAttacks },
  {
    name: 'evidence',
    attacks: [
      ...orderEvidenceAttacks,
      ...requestEvidenceAttacks,
      ...decisionEvidenceAttacks,
      ...endEvidenceAttacks,
    ],
  },
  { name: 'mandates', attacks: mandateAttacks },
  { name: 'payments', attacks: [...paymentAttacks, ...producerPaymentAttacks] },
  { name: 'cards', attacks: cardAttacks },
  { name: 'registrar', attacks: registrarAttacks },
  { name: 'keys', attacks: keyAttacks, alone: true },
  { name: 'broker', attacks: brokerAttacks },
  // At the same time: each takes as long as the server waits.
  ...slowAttacks.map((attack) => ({ name: 'slow', attacks: [attack] })),
  { name: 'limits', attacks: [...guessingAttacks, ...rateAttacks], alone: true },
  { name: 'restart', attacks: restartAttacks, alone: true },
];
