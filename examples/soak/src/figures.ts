/** Figures as they are printed. */

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

export function number(value: number): string {
  return Math.round(value).toLocaleString("en").replaceAll(",", " ");
}
