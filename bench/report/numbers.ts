const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Shown for values that were not measured. */
export const NOTHING = '–';

/** Results of an earlier benchmark may lack a figure. */
export const whole = (value: number): string => (Number.isFinite(value) ? grouped.format(value) : NOTHING);

/** Three significant digits. */
export function brief(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return whole(value);
  return String(Number(value.toPrecision(3)));
}

export const times = (value: number): string => `${brief(value)} ×`;
export const percent = (share: number): string => `${brief(share * 100)} %`;

/** For an axis, where all values have the same unit. */
export const inSeconds = (seconds: number): string => `${brief(seconds)} s`;

/** In seconds below 10 minutes, then in minutes or hours. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return NOTHING;
  if (seconds < 600) return inSeconds(seconds);
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Four decimals for small amounts. */
export const dollars = (value: number): string => `$${value < 0.1 ? value.toFixed(4) : value.toFixed(2)}`;

export const orNothing = <T>(value: T | undefined, text: (value: T) => string): string =>
  value === undefined ? NOTHING : text(value);
