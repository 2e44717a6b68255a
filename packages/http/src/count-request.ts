import type { OperationDefinition } from '@tallystick/contracts';
import { countRequest } from '@tallystick/telemetry';
import type { RequestHandler, Response } from 'express';

/** What is known about a request when it ends. */
interface Counted {
  /** The client of its token, once that is verified. */
  client?: string;
  /** The code of its error. */
  errorCode?: string;
}

/** Notes the verified client of a request. */
export function noteClient(response: Response, client: string): void {
  (response.locals as Counted).client = client;
}

/** Notes the code of the error with which a request is answered. */
export function noteError(response: Response, code: string): void {
  (response.locals as Counted).errorCode = code;
}

/** Counts each request of a version of an operation, from its first handler to the end of its response. */
export function counted({ id, method, versions }: OperationDefinition, version: number): RequestHandler {
  const operation = { id, version, method, route: versions[version]!.path };
  return (_request, response, next) => {
    const end = countRequest(operation);
    response.once('close', () => {
      const { client, errorCode: code } = response.locals as Counted;
      end({ status: response.writableFinished ? response.statusCode : undefined, code, client });
    });
    next();
  };
}
