/** Charts, meters, tabs and the selection of rows. */
export const figuresStyle = /* css */ `.meter {
  display: inline-flex;
  align-items: center;
  gap: 0.5rem;
  white-space: nowrap;
}
.meter-whole {
  fill: var(--line);
}
.meter.good .meter-part {
  fill: var(--good);
}
.meter.warn .meter-part {
  fill: var(--warn);
}
.meter.bad .meter-part {
  fill: var(--bad);
}
.meter.bad span {
  color: var(--bad);
  font-weight: 600;
}
.bars {
  margin: 0;
}
.bars svg {
  display: block;
  width: 100%;
  height: 6rem;
  border-bottom: 1px solid var(--line);
}
.bars rect {
  fill: var(--accent);
}
.bars figcaption {
  display: flex;
  justify-content: space-between;
  margin-top: 0.3rem;
  color: var(--soft);
  font-size: 0.8125rem;
}
.tabs {
  display: flex;
  flex-wrap: wrap;
  gap: 0.35rem;
}
.tabs a {
  padding: 0.3rem 0.85rem;
  border: 1px solid var(--line);
  border-radius: 2rem;
  color: var(--ink);
  text-decoration: none;
  background: var(--card);
}
.tabs a:hover {
  background: var(--sunk);
}
.tabs a[aria-current] {
  background: var(--accent-ground);
  border-color: var(--accent);
  color: var(--accent);
  font-weight: 600;
}
.attention {
  display: grid;
  gap: 0.5rem;
}
.attention li {
  display: flex;
  gap: 0.75rem;
  align-items: baseline;
}
.attention .badge {
  flex: none;
}
.act .buttons {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem;
}
.act > .scroll {
  width: calc(100% + 2.5rem);
}
.rows-chosen {
  accent-color: var(--accent);
  width: 1.1rem;
  height: 1.1rem;
}
progress {
  width: 100%;
  height: 0.75rem;
  accent-color: var(--accent);
}
.two {
  display: block;
  color: var(--soft);
  font-size: 0.8125rem;
}
.filters .button {
  justify-self: start;
}
.links {
  display: grid;
  gap: 0.35rem;
}
`;
