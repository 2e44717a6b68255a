export const USAGE = `Starts the auth service. Its settings come from the environment:

  PORT                        TCP port to listen on; 0 takes any free one
  PUBLIC_URL                  origin under which clients reach it, and the issuer of tokens; https, or http on loopback
  POSTGRES_URL                postgres://user:password@host:port/database
  KAFKA_BROKERS               host:port, separated by commas
  TOPIC_PREFIX                stands before each topic's name (default: nothing)
  TRUST_ANCHORS_FILE          JWK set of the root public keys
  SIGNING_KEY_FILE            private JWK that signs this service's messages
  TOKEN_KEY_FILE              private Ed25519 JWK that signs tokens
  REGISTRAR_KEY_FILE          private JWK that signs certificates of producers
  REGISTRAR_CERTIFICATE_FILE  the root key's certificate of the registrar's key
  COOKIE_KEYS_FILE            JSON array of secrets of at least 32 characters, the current first
  SEED_FILE                   customers, clients and producers to start with (default: none)
  LOG_LEVEL                   trace, debug, info, warn, error, fatal or silent (default: info)

Files with secrets may be readable by their owner and group only. A wrong setting ends the process with status 2.
`;
