import { CodedError, operations } from '@tallystick/contracts';
import { inTurn, nextCursorOf, rangeOf, type Edge } from '@tallystick/http';
import type { Pool, Transaction } from '@tallystick/postgres';
import type { Registrar } from '../app/registrar.ts';
import type { PublishRecords } from '../app/transact.ts';
import {
  deleteSessions,
  disableClient,
  enableClient,
  findConsentPage,
  ownsConsent,
  setPersonAccess,
  type Access,
} from '../store/access.ts';
import { findClientPage } from '../store/clients.ts';
import { createOidcRecords } from '../store/oidc-records.ts';
import { findOperator } from '../store/operators.ts';
import { putRevocations } from '../store/revocations.ts';

/**
 * Serves the operations that end access: operators disable clients, customers and operators and end sessions, customers
 * withdraw consents. Each revokes the tokens in its transaction. The origins of a client follow it, in the registrar's snapshot.
 */
export function serveAccess(edge: Edge<PublishRecords>, pool: Pool, registrar: Registrar): void {
  edge.write(operations.clientDisable, (requests, tx, publish) =>
    inTurn(requests, async ({ params: { clientId } }) => {
      const access = await disableClient(tx, clientId);
      if (access !== undefined) {
        await putRevocations(tx, [{ kind: 'client', id: clientId }]);
        await registrar.restate(tx, publish);
      }
      return answer(access, { clientId });
    }),
  );
  edge.write(operations.clientEnable, (requests, tx, publish) =>
    inTurn(requests, async ({ params: { clientId } }) => {
      const access = await enableClient(tx, clientId);
      if (access !== undefined) await registrar.restate(tx, publish);
      return answer(access, { clientId });
    }),
  );
  edge.write(operations.customerDisable, (requests, tx) =>
    inTurn(requests, async ({ params: { customerId } }) => {
      const access = await setPersonAccess(tx, 'customers', customerId, true);
      if (access !== undefined) await endSessions(tx, customerId);
      return answer(access, { customerId });
    }),
  );
  edge.write(operations.customerEnable, (requests, tx) =>
    inTurn(requests, async ({ params: { customerId } }) =>
      answer(await setPersonAccess(tx, 'customers', customerId, false), { customerId }),
    ),
  );
  edge.write(operations.sessionsEnd, (requests, tx) =>
    inTurn(requests, async ({ params: { customerId } }) => {
      const { rows } = await tx.query('SELECT 1 FROM customer WHERE id = $1', [customerId]);
      if (rows.length === 0) return new CodedError('resource.not_found');
      await endSessions(tx, customerId);
      return { body: { customerId, endedAt: new Date().toISOString() } };
    }),
  );
  edge.write(operations.operatorDisable, (requests, tx) =>
    inTurn(requests, async ({ params: { operatorId } }) => {
      const access = await setPersonAccess(tx, 'operators', operatorId, true);
      if (access !== undefined) await endSessions(tx, operatorId);
      return answer(access, { operatorId });
    }),
  );
  edge.write(operations.operatorEnable, (requests, tx) =>
    inTurn(requests, async ({ params: { operatorId } }) =>
      answer(await setPersonAccess(tx, 'operators', operatorId, false), { operatorId }),
    ),
  );
  edge.write(operations.operatorSessionsEnd, (requests, tx) =>
    inTurn(requests, async ({ params: { operatorId } }) => {
      if ((await findOperator(tx, operatorId)) === undefined) return new CodedError('resource.not_found');
      await endSessions(tx, operatorId);
      return { body: { operatorId, endedAt: new Date().toISOString() } };
    }),
  );

  edge.read(operations.clientList, async ({ query: { limit, cursor } }) => {
    const page = await findClientPage(pool, limit, cursor);
    return {
      body: {
        clients: page.clients.map(({ disabledAt, ...client }) => ({
          ...client,
          disabledAt: disabledAt?.toISOString(),
        })),
        nextCursor: page.nextCursor,
      },
    };
  });

  edge.read(operations.consentList, async ({ subject, query }) => {
    const page = await findConsentPage(pool, subject, rangeOf(query));
    return {
      body: {
        consents: page.items.map(({ grantedAt, ...consent }) => ({
          ...consent,
          grantedAt: grantedAt.toISOString(),
        })),
        nextCursor: nextCursorOf(page),
      },
    };
  });
  edge.write(operations.consentWithdraw, (requests, tx) =>
    inTurn(requests, async ({ subject, params: { consentId } }) => {
      if (!(await ownsConsent(tx, subject, consentId))) return new CodedError('resource.not_found');
      await createOidcRecords(tx).destroyGrant(consentId);
      return { body: { consentId, withdrawnAt: new Date().toISOString() } };
    }),
  );
}

async function endSessions(tx: Transaction, personId: string): Promise<void> {
  await deleteSessions(tx, personId);
  // Releases that know no operators revoke the tokens of a subject by this kind too.
  await putRevocations(tx, [{ kind: 'customer', id: personId }]);
}

function answer<Named extends object>(
  access: Access | undefined,
  named: Named,
): { body: Named & { disabledAt: string | undefined } } | CodedError {
  if (access === undefined) return new CodedError('resource.not_found');
  return { body: { ...named, disabledAt: access.disabledAt?.toISOString() } };
}
