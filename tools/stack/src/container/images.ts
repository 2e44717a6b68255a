import { KAFKA_VERSION } from '../kafka/kafka-settings.ts';

export const kafkaImage = `apache/kafka:${KAFKA_VERSION}`;
export const postgresImage = 'postgres:18-bookworm';
export const jaegerImage = 'jaegertracing/jaeger:2.13.0';
