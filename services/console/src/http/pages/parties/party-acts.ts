import type { Client } from '@tallystick/client';
import { operations, type OperationDefinition } from '@tallystick/contracts';
import type { OrderedAct } from '../../acts.ts';

/** Returns the act that a form orders on a party; `undefined` if the form is none of the page. */
export function orderedAct(partyId: string, form: URLSearchParams): Omit<OrderedAct, 'back'> | undefined {
  const act = (
    operation: OperationDefinition,
    call: (client: Client) => Promise<unknown>,
  ): Omit<OrderedAct, 'back'> => ({ operation, object: partyId, call });
  const isOperator = partyId.startsWith('opr_');
  const ofClient = { params: { clientId: partyId } };
  const ofCustomer = { params: { customerId: partyId } };
  const ofOperator = { params: { operatorId: partyId } };
  switch (form.get('act') ?? '') {
    case 'disable-client':
      return act(operations.clientDisable, (client) => client.call(operations.clientDisable, ofClient));
    case 'enable-client':
      return act(operations.clientEnable, (client) => client.call(operations.clientEnable, ofClient));
    case 'disable-person':
      return isOperator
        ? act(operations.operatorDisable, (client) => client.call(operations.operatorDisable, ofOperator))
        : act(operations.customerDisable, (client) => client.call(operations.customerDisable, ofCustomer));
    case 'enable-person':
      return isOperator
        ? act(operations.operatorEnable, (client) => client.call(operations.operatorEnable, ofOperator))
        : act(operations.customerEnable, (client) => client.call(operations.customerEnable, ofCustomer));
    case 'end-sessions':
      return isOperator
        ? act(operations.operatorSessionsEnd, (client) =>
            client.call(operations.operatorSessionsEnd, ofOperator),
          )
        : act(operations.sessionsEnd, (client) => client.call(operations.sessionsEnd, ofCustomer));
    case 'withdraw-mandates':
      return act(operations.partyMandatesWithdraw, (client) =>
        client.call(operations.partyMandatesWithdraw, { params: { partyId } }),
      );
    case 'revoke-key': {
      const kid = form.get('kid') ?? '';
      if (!/^[A-Za-z0-9_-]{43}$/.test(kid)) return undefined;
      return act(operations.producerKeyRevoke, (client) =>
        client.call(operations.producerKeyRevoke, { params: { producerId: partyId, kid } }),
      );
    }
    default:
      return undefined;
  }
}
