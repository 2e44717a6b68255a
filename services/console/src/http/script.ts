/**
 * The script of the pages. A part with `data-live` is replaced by what the server renders at that path, as server-sent
 * events. The markup comes from the same origin and is escaped there. A part that somebody works in is left alone.
 */
export const liveScript = /* js */ `const RETRY_MS = 5_000;

function follow(part) {
  const source = new EventSource(part.dataset.live);
  source.addEventListener('message', ({ data }) => {
    if (part.contains(document.activeElement) && document.activeElement !== document.body) return;
    const fresh = new DOMParser().parseFromString(data, 'text/html');
    part.replaceChildren(...fresh.body.childNodes);
    part.classList.remove('stale');
  });
  // The session ended: the page itself leads to the sign-in and back.
  source.addEventListener('ended', () => location.reload());
  source.addEventListener('error', () => {
    part.classList.add('stale');
    if (source.readyState === EventSource.CLOSED) setTimeout(() => part.isConnected && follow(part), RETRY_MS);
  });
  addEventListener('pagehide', () => source.close());
}

for (const part of document.querySelectorAll('[data-live]')) follow(part);

// A page that the browser kept while it was left is old: its parts no longer follow, and its forms were sent.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

// The menu of the person closes by a click beside it and by Escape.
const who = document.querySelector('details.who');
if (who !== null) {
  document.addEventListener('click', ({ target }) => {
    if (!who.contains(target)) who.open = false;
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !who.open) return;
    who.open = false;
    who.querySelector('summary').focus();
  });
}

// A form is sent once, however often its button is pressed.
document.addEventListener('submit', (sending) => {
  const { target } = sending;
  if (target.method !== 'post') return;
  if (target.dataset.sent !== undefined) return void sending.preventDefault();
  target.dataset.sent = '';
  target.querySelector('button[type=submit]')?.setAttribute('aria-disabled', 'true');
});
`;
