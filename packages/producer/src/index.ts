export {
  errorCodes,
  messages,
  newId,
  type DataOf,
  type ErrorCode,
  type MessageDefinition,
  type Permission,
} from '@tallystick/contracts';
export type { IncomingEvent, KafkaConnection } from '@tallystick/messaging';
export { importSigningKey, seal, type SealedEnvelope, type SigningKey } from '@tallystick/security';
export { signApplication, type ApplicationOptions, type SignedApplication } from './application.ts';
export { Producer, paymentOutcomes, type ProducerOptions, type Published } from './producer.ts';
