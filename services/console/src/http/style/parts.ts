/** The parts of pages: cards, figures, tables, badges, notices, forms, timelines. */
export const parts = /* css */ `.card {
  min-width: 0;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.875rem;
  padding: 1.15rem 1.25rem;
  box-shadow: var(--shadow);
}
.card > * + * {
  margin-top: 0.85rem;
}
.card-head {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 0.5rem 1rem;
}
.card-aside {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  align-items: center;
}
.card .note {
  margin-top: 0.2rem;
  color: var(--soft);
  max-width: 48rem;
}
.grid {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 1.25rem;
  align-items: start;
}
.grid > .wide {
  grid-column: 1 / -1;
}
.figures {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
  gap: 1rem;
}
.figure {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.875rem;
  padding: 0.9rem 1.1rem;
  box-shadow: var(--shadow);
  border-top: 3px solid var(--line);
}
.figure dt {
  color: var(--soft);
  font-size: 0.875rem;
}
.figure dd {
  font-size: 1.5rem;
  font-weight: 650;
  letter-spacing: -0.02em;
  line-height: 1.3;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
.figure-note {
  display: block;
  font-size: 0.8125rem;
  font-weight: 400;
  letter-spacing: 0;
  color: var(--soft);
}
.figure.good {
  border-top-color: var(--good);
}
.figure.warn {
  border-top-color: var(--warn);
}
.figure.bad {
  border-top-color: var(--bad);
}
.scroll {
  overflow-x: auto;
  margin-inline: -1.25rem;
  padding-inline: 1.25rem;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.9375rem;
}
caption {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
th {
  text-align: left;
  font-weight: 600;
  font-size: 0.8125rem;
  color: var(--soft);
  white-space: nowrap;
  padding: 0.35rem 0.9rem 0.45rem 0;
  border-bottom: 1px solid var(--line);
  vertical-align: bottom;
}
td {
  padding: 0.55rem 0.9rem 0.55rem 0;
  border-bottom: 1px solid var(--line);
  vertical-align: top;
}
tr:last-child > td {
  border-bottom: 0;
}
tbody tr:hover {
  background: color-mix(in srgb, var(--sunk) 55%, transparent);
}
th:last-child,
td:last-child {
  padding-right: 0;
}
.number {
  text-align: right;
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.actions {
  text-align: right;
}
.id {
  overflow-wrap: anywhere;
}
td .id {
  white-space: nowrap;
  overflow-wrap: normal;
}
.badge {
  display: inline-block;
  padding: 0.05rem 0.6rem;
  border-radius: 1rem;
  font-size: 0.8125rem;
  font-weight: 600;
  white-space: nowrap;
  color: var(--soft);
  background: var(--sunk);
}
.badge.good {
  color: var(--good);
  background: var(--good-ground);
}
.badge.warn {
  color: var(--warn);
  background: var(--warn-ground);
}
.badge.bad {
  color: var(--bad);
  background: var(--bad-ground);
}
.badge.accent {
  color: var(--accent);
  background: var(--accent-ground);
}
.badges {
  display: flex;
  flex-wrap: wrap;
  gap: 0.3rem;
}
.empty {
  padding: 1.75rem 1rem;
  text-align: center;
  color: var(--soft);
  background: var(--sunk);
  border-radius: 0.625rem;
}
.empty-title {
  font-weight: 650;
  color: var(--ink);
}
.notice {
  padding: 0.8rem 1rem;
  border-left: 4px solid var(--field);
  border-radius: 0.375rem;
  background: var(--sunk);
  overflow-wrap: anywhere;
}
.notice-title {
  font-weight: 650;
}
.notice.good {
  color: var(--good);
  background: var(--good-ground);
  border-left-color: currentColor;
}
.notice.bad {
  color: var(--bad);
  background: var(--bad-ground);
  border-left-color: currentColor;
}
.facts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
  gap: 0.75rem 1.5rem;
}
.facts dt {
  font-size: 0.8125rem;
  color: var(--soft);
}
.facts dd {
  overflow-wrap: anywhere;
}
.pager {
  display: flex;
  justify-content: flex-end;
}
.timeline {
  position: relative;
  display: grid;
  gap: 1rem;
  padding-left: 1.5rem;
  border-left: 2px solid var(--line);
  margin-left: 0.4rem;
}
.timeline > li {
  position: relative;
}
.timeline > li::before {
  content: '';
  position: absolute;
  left: calc(-1.5rem - 0.45rem);
  top: 0.35rem;
  width: 0.75rem;
  height: 0.75rem;
  border-radius: 50%;
  background: var(--card);
  border: 3px solid var(--field);
}
.timeline > .good::before {
  border-color: var(--good);
}
.timeline > .warn::before {
  border-color: var(--warn);
}
.timeline > .bad::before {
  border-color: var(--bad);
}
.timeline > .accent::before {
  border-color: var(--accent);
}
.timeline-at {
  font-size: 0.8125rem;
  color: var(--soft);
}
.timeline-title {
  font-weight: 600;
}
.spark {
  display: block;
}
.spark polyline {
  fill: none;
  stroke: var(--accent);
  stroke-width: 1.75;
  stroke-linejoin: round;
  stroke-linecap: round;
}
.live {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 1.25rem;
}
.live.stale {
  opacity: 0.6;
}
.jumps {
  display: flex;
  flex-wrap: wrap;
  gap: 0.35rem 1.25rem;
}
`;
