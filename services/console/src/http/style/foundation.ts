/** Colours, type and elements, in light and dark. */
export const foundation = /* css */ `:root {
  color-scheme: light dark;
  --ground: #f6f4ef;
  --card: #ffffff;
  --sunk: #f1eee7;
  --ink: #1f2328;
  --soft: #596068;
  --line: #e0dcd2;
  --field: #878b92;
  --accent: #1d5c4a;
  --accent-ink: #ffffff;
  --accent-strong: #164839;
  --accent-ground: #e6f1ec;
  --wood: #b07a3c;
  --good: #1b6b43;
  --good-ground: #e4f3ea;
  --warn: #7a4a08;
  --warn-ground: #fbf0dc;
  --bad: #9b1c1c;
  --bad-ground: #fdeeec;
  --shadow: 0 1px 2px rgb(31 35 40 / 0.05), 0 8px 24px -18px rgb(31 35 40 / 0.25);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a;
    --card: #1c2024;
    --sunk: #171a1e;
    --ink: #eceae6;
    --soft: #a8adb4;
    --line: #32373d;
    --field: #767c85;
    --accent: #7fd1b5;
    --accent-ink: #0d2a21;
    --accent-strong: #a3e0cb;
    --accent-ground: #1a312a;
    --wood: #d9a25f;
    --good: #86d8a8;
    --good-ground: #17301f;
    --warn: #f0c684;
    --warn-ground: #37290f;
    --bad: #ffb3aa;
    --bad-ground: #3a1f1d;
    --shadow: none;
  }
}
*,
*::before,
*::after {
  box-sizing: border-box;
}
html {
  font:
    93.75%/1.55 system-ui,
    -apple-system,
    'Segoe UI',
    Roboto,
    'Helvetica Neue',
    sans-serif;
  background: var(--ground);
  color: var(--ink);
  -webkit-text-size-adjust: 100%;
  scroll-padding-top: 5rem;
}
body {
  margin: 0;
  min-height: 100dvh;
}
h1,
h2,
h3,
p,
dl,
dd,
ul,
ol {
  margin: 0;
  padding: 0;
}
h1 {
  font-size: 1.75rem;
  line-height: 1.2;
  letter-spacing: -0.02em;
  font-weight: 650;
  text-wrap: balance;
  overflow-wrap: anywhere;
}
h2 {
  font-size: 1.0625rem;
  line-height: 1.3;
  letter-spacing: -0.01em;
  font-weight: 650;
}
h3 {
  font-size: 0.9375rem;
  font-weight: 650;
}
ul,
ol {
  list-style: none;
}
a {
  color: var(--accent);
  text-underline-offset: 0.15em;
  text-decoration-thickness: 1px;
}
a:hover {
  color: var(--accent-strong);
  text-decoration-thickness: 2px;
}
code {
  font-family: var(--mono);
  font-size: 0.875em;
}
pre {
  margin: 0;
  padding: 0.85rem 1rem;
  overflow: auto;
  font-family: var(--mono);
  font-size: 0.8125rem;
  line-height: 1.5;
  background: var(--sunk);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
}
.soft {
  color: var(--soft);
}
.money,
time {
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
  border-radius: 0.25rem;
}
main:focus {
  outline: none;
}
@media (prefers-reduced-motion: no-preference) {
  a,
  .button,
  input,
  select {
    transition:
      background-color 0.12s,
      border-color 0.12s,
      color 0.12s;
  }
}
@media (forced-colors: active) {
  .button,
  .badge,
  .card {
    border: 1px solid CanvasText;
  }
}
`;
