import { html, type Html } from '@tallystick/pages';

const NONE = '–';

/** Writes a rate for people: `12.3 /s`; slow ones by the minute. */
export function rateText(perS: number): string {
  if (perS === 0) return '0';
  if (perS >= 1) return `${perS.toFixed(perS < 10 ? 1 : 0)} /s`;
  const perMinute = perS * 60;
  return perMinute >= 0.1 ? `${perMinute.toFixed(1)} /min` : '< 0.1 /min';
}

/** Writes a duration in seconds for people: `45 ms`, `1.25 s`. */
export function durationText(seconds: number | undefined): string {
  if (seconds === undefined) return NONE;
  if (seconds < 0.01) return `${(seconds * 1_000).toFixed(1)} ms`;
  return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${seconds.toFixed(2)} s`;
}

/** Writes a share for people: `0.25 %`. */
export function shareText(share: number | undefined): string {
  if (share === undefined) return NONE;
  const percent = share * 100;
  if (percent === 0) return '0 %';
  // Objectives differ in their last nines.
  const isNearAll = percent > 99 && percent < 100;
  const places = Math.abs(percent) < 0.1 ? 3 : Math.abs(percent) < 10 || isNearAll ? 2 : 0;
  return `${Number(percent.toFixed(places))} %`;
}

/** Writes a count for people: `12,345`. Counts that are estimated are rounded. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** Writes a number of records for people: `1 record`, `1,234 records`. */
export function recordsText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'record' : 'records'}`;
}

/** Writes a size in bytes for people. */
export function bytesText(bytes: number): string {
  return bytes < 1_024 ? `${bytes} bytes` : `${(bytes / 1_024).toFixed(1)} KiB`;
}

/** Writes the age of a time for people: `3 minutes ago`. */
export function agoText(at: Date, nowMs: number): string {
  const ms = Math.max(0, nowMs - at.getTime());
  if (ms < 2_000) return 'just now';
  for (const [name, unitMs] of [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const) {
    const count = Math.floor(ms / unitMs);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}

/** Renders a share of a whole as a bar beside its words. */
export function meter(share: number, words: string, tone: 'good' | 'warn' | 'bad'): Html {
  const width = Math.round(Math.max(0, Math.min(1, share)) * 60);
  return html`<span class="meter ${tone}"
    ><svg viewBox="0 0 60 6" width="60" height="6" aria-hidden="true">
      <rect class="meter-whole" width="60" height="6" rx="3" />
      <rect class="meter-part" width="${width}" height="6" rx="3" /></svg
    ><span>${words}</span></span
  >`;
}
