/** The style of all pages: plain, readable in light and dark, from the width of a phone up. */
export const stylesheet = /* css */ `:root {
  color-scheme: light dark;
  --ground: #f3f1ec;
  --card: #ffffff;
  --ink: #1f2328;
  --soft: #5a6068;
  --line: #d5d1c8;
  --field: #8b8f96;
  --accent: #1d5c4a;
  --accent-ink: #ffffff;
  --accent-strong: #164839;
  --wood: #b07a3c;
  --bad: #9b1c1c;
  --bad-ground: #fdf0ee;
  --money: #7a4a08;
  --money-ground: #fbf1e0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a;
    --card: #1e2226;
    --ink: #eceae6;
    --soft: #a8adb4;
    --line: #373c42;
    --field: #767c85;
    --accent: #7fd1b5;
    --accent-ink: #0d2a21;
    --accent-strong: #a3e0cb;
    --wood: #d9a25f;
    --bad: #ffb3aa;
    --bad-ground: #3a1f1d;
    --money: #f0c684;
    --money-ground: #37290f;
  }
}
* {
  box-sizing: border-box;
}
html {
  font:
    100%/1.5 system-ui,
    -apple-system,
    'Segoe UI',
    Roboto,
    'Helvetica Neue',
    sans-serif;
  background: var(--ground);
  color: var(--ink);
}
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  padding: 1.5rem 1rem;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 1.25rem;
}
.mark {
  display: flex;
  align-items: center;
  gap: 0.6rem;
  font-weight: 650;
  font-size: 1.125rem;
  letter-spacing: -0.01em;
}
.mark .half {
  fill: var(--accent);
}
.mark .other {
  fill: var(--wood);
}
.card {
  width: 100%;
  max-width: 26rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.875rem;
  padding: 2rem;
  box-shadow:
    0 1px 2px rgb(0 0 0 / 0.05),
    0 12px 32px -16px rgb(0 0 0 / 0.2);
}
h1 {
  margin: 0;
  text-wrap: balance;
  font-size: 1.625rem;
  line-height: 1.2;
  letter-spacing: -0.02em;
}
.lead {
  margin: 0.4rem 0 1.5rem;
  color: var(--soft);
  overflow-wrap: anywhere;
}
.lead:last-child {
  margin-bottom: 0;
}
.lead strong {
  color: var(--ink);
}
label {
  display: block;
  margin: 1rem 0 0.375rem;
  font-weight: 600;
  font-size: 0.9375rem;
}
input {
  width: 100%;
  padding: 0.7rem 0.8rem;
  font: inherit;
  color: inherit;
  background: var(--card);
  border: 1px solid var(--field);
  border-radius: 0.5rem;
}
button {
  width: 100%;
  padding: 0.75rem 1rem;
  font: inherit;
  font-weight: 600;
  border-radius: 0.5rem;
  border: 1px solid transparent;
  cursor: pointer;
}
.primary {
  background: var(--accent);
  color: var(--accent-ink);
}
.primary:hover {
  background: var(--accent-strong);
}
form > .primary {
  margin-top: 1.5rem;
}
.choices form > .primary {
  margin-top: 0;
}
.secondary {
  background: transparent;
  color: var(--ink);
  border-color: var(--field);
}
.secondary:hover,
.quiet:hover {
  background: var(--ground);
}
.quiet {
  margin-top: 0.5rem;
  background: transparent;
  color: var(--soft);
  font-weight: 500;
}
input:focus-visible,
button:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
.problem {
  margin: 0 0 0.5rem;
  padding: 0.75rem 0.9rem;
  color: var(--bad);
  background: var(--bad-ground);
  border-left: 4px solid currentColor;
  border-radius: 0.375rem;
}
.scopes {
  list-style: none;
  margin: 0 0 1.5rem;
  padding: 0;
  border: 1px solid var(--line);
  border-radius: 0.625rem;
}
.scopes li {
  padding: 0.75rem 0.9rem 0.75rem 2.4rem;
  position: relative;
}
.scopes li + li {
  border-top: 1px solid var(--line);
}
.scopes li::before {
  content: '';
  position: absolute;
  left: 1rem;
  top: 1.05rem;
  width: 0.35rem;
  height: 0.7rem;
  border: solid var(--accent);
  border-width: 0 0.14rem 0.14rem 0;
  transform: rotate(42deg);
}
.tag {
  display: table;
  margin: 0.25rem 0 0 -0.125rem;
  padding: 0 0.5rem;
  border-radius: 1rem;
  font-size: 0.8125rem;
  font-weight: 600;
  color: var(--money);
  background: var(--money-ground);
  white-space: nowrap;
}
.facts {
  display: grid;
  grid-template-columns: max-content 1fr;
  gap: 0.35rem 1rem;
  margin: 0 0 1.5rem;
  font-size: 0.9375rem;
}
.facts:last-child {
  margin-bottom: 0;
}
.facts dt {
  color: var(--soft);
}
.facts dd {
  margin: 0;
  overflow-wrap: anywhere;
}
.choices {
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: 0.75rem;
}
.note {
  margin: 1.25rem 0 0;
  font-size: 0.875rem;
  color: var(--soft);
}
footer {
  font-size: 0.8125rem;
  color: var(--soft);
  text-align: center;
}
@media (max-width: 30rem) {
  body {
    justify-content: flex-start;
    padding-top: 1.25rem;
  }
  .card {
    padding: 1.5rem 1.25rem;
  }
}
@media (max-width: 22rem) {
  .choices {
    grid-template-columns: 1fr;
  }
}
@media (forced-colors: active) {
  button {
    border-color: ButtonText;
  }
}
`;
