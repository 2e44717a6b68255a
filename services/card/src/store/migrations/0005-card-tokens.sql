-- The id by which a producer knows a card. Another producer has another one, so two cannot find that they know one card.
CREATE TABLE card_token (
  producer_id text NOT NULL,
  card_id text NOT NULL REFERENCES card,
  token text NOT NULL UNIQUE,
  PRIMARY KEY (producer_id, card_id)
);
