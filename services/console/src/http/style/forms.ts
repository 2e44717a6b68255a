/** Buttons, fields and forms. */
export const forms = /* css */ `.button {
  display: inline-block;
  padding: 0.45rem 1rem;
  font: inherit;
  font-weight: 600;
  line-height: 1.5;
  color: var(--ink);
  background: var(--card);
  border: 1px solid var(--field);
  border-radius: 0.5rem;
  text-decoration: none;
  cursor: pointer;
}
.button:hover {
  background: var(--sunk);
  color: var(--ink);
}
.button.primary {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--accent-ink);
}
.button.primary:hover {
  background: var(--accent-strong);
}
.button.severe {
  color: var(--bad);
  border-color: currentColor;
}
.button.severe:hover {
  background: var(--bad-ground);
}
.button[aria-disabled] {
  opacity: 0.6;
  cursor: progress;
}
.field {
  min-width: 0;
}
label,
.label {
  display: block;
  margin-bottom: 0.25rem;
  font-weight: 600;
  font-size: 0.875rem;
}
.field input,
.field select,
.field textarea {
  width: 100%;
  min-height: 2.4rem;
  padding: 0.45rem 0.7rem;
  font: inherit;
  color: inherit;
  background: var(--card);
  border: 1px solid var(--field);
  border-radius: 0.5rem;
}
.help {
  margin-top: 0.25rem;
  font-size: 0.8125rem;
  color: var(--soft);
}
.filters {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75rem;
  align-items: flex-start;
}
.filters .field {
  flex: 1 1 12rem;
  max-width: 32rem;
}
.filters > .button {
  margin-top: 1.55rem;
}
.act {
  display: grid;
  gap: 0.75rem;
  justify-items: start;
}
.act .field {
  width: 100%;
  max-width: 32rem;
}
.check {
  display: flex;
  gap: 0.5rem;
  align-items: baseline;
  font-weight: 400;
}
.checks {
  margin: 0;
  padding: 0;
  border: 0;
  min-width: 0;
}
.checks legend {
  padding: 0;
}
.field textarea {
  font-family: var(--mono);
  font-size: 0.8125rem;
  resize: vertical;
}
.code code {
  display: block;
  padding: 0.85rem 1rem;
  font-size: 1.0625rem;
  overflow-wrap: anywhere;
  background: var(--sunk);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  user-select: all;
}
.steps {
  list-style: decimal;
  padding-left: 1.25rem;
  display: grid;
  gap: 0.35rem;
}
.links {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1.25rem;
}
.permission {
  min-width: 16rem;
  overflow-wrap: anywhere;
}
.disclosure + .disclosure {
  margin-top: 0.5rem;
}
.disclosure summary {
  cursor: pointer;
  color: var(--accent);
  font-weight: 600;
}
.disclosed {
  margin-top: 0.75rem;
  padding: 1rem;
  background: var(--sunk);
  border-radius: 0.625rem;
  text-align: left;
}
`;
