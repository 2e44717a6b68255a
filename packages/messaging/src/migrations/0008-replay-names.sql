ALTER TABLE recall_under_way RENAME TO replay_under_way;
ALTER TABLE recall_word RENAME TO replay_message;
ALTER INDEX recall_word_order RENAME TO replay_message_order;
