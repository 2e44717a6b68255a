/** The frame of a page: the bar at the top, the navigation, the heading. */
export const frame = /* css */ `.skip {
  position: absolute;
  left: 1rem;
  top: -4rem;
  z-index: 20;
  padding: 0.6rem 1rem;
  background: var(--accent);
  color: var(--accent-ink);
  border-radius: 0.5rem;
}
.skip:focus {
  top: 0.6rem;
  color: var(--accent-ink);
}
.top {
  position: sticky;
  top: 0;
  z-index: 10;
  display: grid;
  grid-template-columns: 15rem minmax(0, 34rem) 1fr;
  align-items: center;
  gap: 1rem;
  padding: 0.6rem 1.5rem;
  background: var(--card);
  border-bottom: 1px solid var(--line);
}
.brand {
  display: inline-flex;
  align-items: center;
  gap: 0.6rem;
  font-weight: 650;
  font-size: 1.0625rem;
  letter-spacing: -0.01em;
  color: var(--ink);
  text-decoration: none;
}
.brand:hover {
  color: var(--ink);
}
.brand .half {
  fill: var(--accent);
}
.brand .other {
  fill: var(--wood);
}
.search input {
  width: 100%;
  padding: 0.5rem 0.9rem;
  font: inherit;
  color: inherit;
  background: var(--sunk);
  border: 1px solid var(--field);
  border-radius: 2rem;
}
.search input::placeholder {
  color: var(--soft);
  opacity: 1;
}
.who {
  justify-self: end;
  position: relative;
}
.who summary {
  list-style: none;
  cursor: pointer;
  padding: 0.4rem 0.9rem;
  border-radius: 2rem;
  border: 1px solid var(--line);
  max-width: 14rem;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.who summary::-webkit-details-marker {
  display: none;
}
.who summary::after {
  content: ' ▾';
  color: var(--soft);
}
.who summary:hover {
  background: var(--sunk);
}
.who-card {
  position: absolute;
  right: 0;
  top: calc(100% + 0.5rem);
  width: 17rem;
  max-width: calc(100vw - 2rem);
  padding: 1rem;
  display: grid;
  gap: 0.75rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
  box-shadow: 0 12px 32px -12px rgb(0 0 0 / 0.35);
}
.who-title {
  font-weight: 650;
  overflow-wrap: anywhere;
}
.who-card .button {
  width: 100%;
}
.below {
  display: grid;
  grid-template-columns: 15rem minmax(0, 1fr);
  align-items: start;
}
.side {
  position: sticky;
  top: 3.7rem;
  padding: 1.5rem 0.75rem;
}
.side ul {
  display: grid;
  gap: 0.15rem;
}
.side a {
  display: block;
  padding: 0.45rem 0.75rem;
  border-radius: 0.5rem;
  color: var(--ink);
  text-decoration: none;
}
.side a:hover {
  background: var(--sunk);
}
.side a[aria-current] {
  background: var(--accent-ground);
  color: var(--accent);
  font-weight: 600;
}
.side a.off {
  color: var(--soft);
}
main {
  min-width: 0;
}
.below > main {
  padding: 1.75rem 1.75rem 4rem 1rem;
  max-width: 84rem;
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 1.25rem;
}
.head {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  align-items: flex-start;
  gap: 0.75rem 1.5rem;
}
.head > div:first-child {
  min-width: 0;
}
.head-aside {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  align-items: center;
}
.lead {
  margin-top: 0.35rem;
  color: var(--soft);
  max-width: 48rem;
  overflow-wrap: anywhere;
}
.bare {
  min-height: 100dvh;
  padding: 1.5rem 1rem;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 1.25rem;
}
.bare main {
  width: 100%;
  max-width: 30rem;
  padding: 2rem;
}
.bare main > * + * {
  margin-top: 1rem;
}
@media (max-width: 60rem) {
  .top {
    grid-template-columns: 1fr auto;
    padding: 0.6rem 1rem;
    gap: 0.6rem;
  }
  .search {
    grid-column: 1 / -1;
    grid-row: 2;
  }
  .below {
    grid-template-columns: minmax(0, 1fr);
  }
  .side {
    position: static;
    padding: 0.5rem 1rem;
    overflow-x: auto;
    background: var(--card);
    border-bottom: 1px solid var(--line);
  }
  .side ul {
    display: flex;
  }
  .side a {
    white-space: nowrap;
    padding: 0.45rem 0.8rem;
  }
  .below > main {
    padding: 1.25rem 1rem 3rem;
  }
}
`;
