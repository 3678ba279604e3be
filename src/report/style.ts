/** Ways to make text stand out; each gives the text back unchanged where that is not wanted. */
export interface Style {
  bold: (text: string) => string;
  dim: (text: string) => string;
  warn: (text: string) => string;
}

const sgr = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const unchanged = (text: string) => text;

/** Styles for a terminal (`coloured`), or none. */
export function styles(coloured: boolean): Style {
  if (!coloured) return { bold: unchanged, dim: unchanged, warn: unchanged };
  return { bold: sgr(1, 22), dim: sgr(2, 22), warn: sgr(33, 39) };
}
