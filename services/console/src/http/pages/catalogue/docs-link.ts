import {
  DOCUMENT_PATHS,
  documentFragments,
  type MessageDefinition,
  type OperationDefinition,
  type ServiceName,
} from '@tallystick/contracts';
import { html, type Html } from '@tallystick/pages';
import { operatorOrigins } from '../../../services.ts';
import type { ConsoleParts } from '../../../parts.ts';

type Parts = Pick<ConsoleParts, 'config'>;

/** Links to an operation on the page of its service's documents. */
export function operationDocsLink(parts: Parts, operation: OperationDefinition): Html {
  return docsLink(parts, operation.service, documentFragments.operation(operation));
}

/** Links to a message on the page of the service that its type begins with: it sends or handles the message. */
export function messageDocsLink(parts: Parts, { type }: MessageDefinition): Html {
  const service = type.slice(0, type.indexOf('.')) as ServiceName;
  return docsLink(parts, service, documentFragments.message(type));
}

function docsLink({ config }: Parts, service: ServiceName, fragment: string): Html {
  const origin = service === 'console' ? config.PUBLIC_URL : operatorOrigins(config)[service];
  return html`<a class="button" href="${origin}${DOCUMENT_PATHS.page}#${fragment}">Documents</a>`;
}
