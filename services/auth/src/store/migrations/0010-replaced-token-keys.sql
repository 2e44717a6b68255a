-- When another token key took the place of this one, as the services of this release note it.
ALTER TABLE producer_key ADD COLUMN replaced_at timestamptz;
